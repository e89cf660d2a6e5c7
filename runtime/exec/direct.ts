import type { Access, CallPlan, Input, Result } from '../../compiler/abi.ts'
import type { Captured } from './access.ts'
import { elemOf, type TypedArray } from './elements.ts'
import { freshFunction } from './fresh.ts'
import { isLookedUp, pristine } from './hosts.ts'
import { builtinsUsed, type WasmFunction } from './instance.ts'
import type { KernelMemory } from './memory.ts'
import { MARK, MARKS } from './views.ts'
import type { CompiledCall, WrapperState } from './wrapper.ts'

/**
 * For plans of numbers, booleans and typed arrays in kernel memory the guards and the call are written out as one
 * straight-line function, which V8 inlines into the caller together with the Wasm call. Whatever does not fit goes to
 * `general`, which copies, backs up and explains.
 */
export interface DirectParts {
  readonly plan: CallPlan
  /** arguments.length of the profile */
  readonly count: number
  readonly run: WasmFunction
  readonly memory: KernelMemory
  readonly captured: Captured
  readonly state: WrapperState
  /** Any call of this variant. */
  readonly general: CompiledCall
  /** A trap of this variant: the result of the original, after the trap was accounted for. */
  readonly trapped: (error: unknown, self: unknown, values: readonly unknown[]) => unknown
  readonly name: string
}

type Factory = (bind: Readonly<Record<string, unknown>>) => CompiledCall
type TypedInput = Extract<Input, { kind: 'typed' }>

/** The compiled call of a variant: direct where the plan allows it. */
export function compiledCall(parts: DirectParts): CompiledCall {
  const text = directText(parts)
  const make = text && freshFunction<Factory>(text.code, parts.name)
  return make ? make(text.bindings) : parts.general
}

interface Text {
  readonly code: string
  readonly bindings: Readonly<Record<string, unknown>>
}

function directText(parts: DirectParts): Text | undefined {
  const { plan, count } = parts
  const result = resultText(plan.result, count)
  if (!result || plan.usesArena || plan.writeBacks.length > 0) return undefined
  const typed = plan.inputs.filter(input => input.kind === 'typed')
  if (plan.exitsAfterEffect && typed.some(input => input.writes)) return undefined
  const pieces = plan.inputs.map((input, index) => inputText(input, index, parts))
  const known = pieces.filter(piece => piece !== undefined)
  if (known.length < pieces.length) return undefined
  const names = Array.from({ length: count }, (_, i) => `a${i}`)
  const guards = [`count === ${count}`, ...known.map(piece => piece.guard).filter(guard => guard !== '')]
  const bindings = Object.assign({}, ...known.map(piece => piece.bindings), builtinBindings(plan), {
    run: parts.run,
    state: parts.state,
    general: parts.general,
    trapped: parts.trapped,
  })
  const params = known.flatMap(piece => piece.params).join(', ')
  const prepare = known.map(piece => piece.prepare).filter(line => line !== '')
  const code = `(function (bind) {
'use strict'
const { ${Object.keys(bindings).join(', ')} } = bind
${known
  .map(piece => piece.declare)
  .filter(line => line !== '')
  .join('\n')}
return function (${['self', 'count', ...names].join(', ')}) {
  if (${[...guards, ...builtinGuards(plan)].join(' && ')}) {
    ${[...prepare, ...overlapLines(typed, plan.inputs, count)].join('\n    ')}
    let result
    try { result = run(${params}) } catch (error) { return trapped(error, self, [${names.join(', ')}]) }
    state.scalar++
    return ${result}
  }
  return general(${['self', 'count', ...names].join(', ')})
}
})`
  return { code, bindings }
}

interface Piece {
  readonly guard: string
  readonly declare: string
  readonly prepare: string
  readonly params: readonly string[]
  readonly bindings: Readonly<Record<string, unknown>>
}

const NO_PIECE: Piece = { guard: '', declare: '', prepare: '', params: [], bindings: {} }

/** Number of the argument that is the value itself, or -1. */
function argumentOf(access: Access, count: number): number {
  return 'arg' in access.root && access.path.length === 0 && access.root.arg < count ? access.root.arg : -1
}

function inputText(input: Input, index: number, parts: DirectParts): Piece | undefined {
  const arg = argumentOf(input.access, parts.count)
  switch (input.kind) {
    case 'number':
      return arg < 0 ? undefined : { ...NO_PIECE, guard: `typeof a${arg} === 'number'`, params: [`a${arg}`] }
    case 'boolean':
      return arg < 0 ? undefined : { ...NO_PIECE, guard: `typeof a${arg} === 'boolean'`, params: [`a${arg} ? 1 : 0`] }
    case 'is':
      return isText(input, arg)
    case 'typed':
      return arg < 0 ? capturedText(input, index, parts) : typedText(input, arg, index)
    case 'function':
      return typeof input.target === 'string' && isLookedUp(input.target) && 'free' in input.access.root
        ? NO_PIECE
        : undefined
    default:
      return undefined
  }
}

function isText(input: Extract<Input, { kind: 'is' }>, arg: number): Piece | undefined {
  if ('arg' in input.access.root && arg < 0 && input.access.path.length === 0)
    return input.value === undefined ? NO_PIECE : undefined
  const simple = input.value === undefined || input.value === null || typeof input.value === 'boolean'
  return arg < 0 || !simple ? undefined : { ...NO_PIECE, guard: `a${arg} === ${input.value}` }
}

function typedText(input: TypedInput, arg: number, index: number): Piece {
  return {
    guard: `typeof a${arg} === 'object' && a${arg} !== null && a${arg}[MARK] === mark${index}`,
    declare: '',
    prepare: `const at${index} = a${arg}.byteOffset, end${index} = at${index} + a${arg}.byteLength`,
    params: [`at${index}`, `a${arg}.length`],
    bindings: { MARK, [`mark${index}`]: MARKS[input.elem] },
  }
}

/** A captured array in kernel memory is a constant address. */
function capturedText(input: TypedInput, index: number, { captured, memory }: DirectParts): Piece | undefined {
  const { root, path } = input.access
  if (!('free' in root) || path.length > 0) return undefined
  const value = captured.free(root.func, root.free)
  if (elemOf(value) !== input.elem || !memory.owns((value as TypedArray).buffer)) return undefined
  const { byteOffset, byteLength, length } = value as TypedArray
  return {
    ...NO_PIECE,
    declare: `const at${index} = ${byteOffset}, end${index} = ${byteOffset + byteLength}`,
    params: [`at${index}`, `${length}`],
  }
}

/** Arrays that overlap without the plan expecting it are left to `general`, which tells the user. */
function overlapLines(typed: readonly TypedInput[], inputs: readonly Input[], count: number): string[] {
  const values = Array.from({ length: count }, (_, i) => `a${i}`)
  const lines: string[] = []
  for (const [position, one] of typed.entries()) {
    for (const other of typed.slice(0, position)) {
      if (one.group === other.group || !(one.writes || other.writes)) continue
      const i = inputs.indexOf(one)
      const j = inputs.indexOf(other)
      lines.push(`if (at${i} < end${j} && at${j} < end${i}) return general(${['self', 'count', ...values].join(', ')})`)
    }
  }
  return lines
}

function resultText(result: Result, count: number): string | undefined {
  switch (result.kind) {
    case 'void':
      return 'undefined'
    case 'constant':
      return typeof result.value === 'string'
        ? JSON.stringify(result.value)
        : Object.is(result.value, -0)
          ? '-0'
          : String(result.value)
    case 'f64':
    case 'i32':
      return 'result'
    case 'u32':
      return 'result >>> 0'
    case 'bool':
      return 'result !== 0'
    case 'input': {
      const arg = argumentOf(result.access, count)
      return arg < 0 ? undefined : `a${arg}`
    }
    default:
      return undefined
  }
}

const builtinName = (name: string): string => `builtin_${name.replace(/\W/g, '_')}`
const checkable = (plan: CallPlan): string[] => builtinsUsed(plan).filter(isLookedUp)
const builtinBindings = (plan: CallPlan): Record<string, unknown> =>
  Object.fromEntries(checkable(plan).map(name => [builtinName(name), pristine(name)]))
/** TurboFan folds `Math.sin` to a constant and drops the comparison, until somebody replaces it. */
const builtinGuards = (plan: CallPlan): string[] => checkable(plan).map(name => `${name} === ${builtinName(name)}`)

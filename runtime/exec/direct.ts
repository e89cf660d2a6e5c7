import type { Access, CallPlan, Input, Result } from '../../compiler/abi.ts'
import type { Captured } from './access.ts'
import { freshFunction } from './fresh.ts'
import { isLookedUp, pristine } from './hosts.ts'
import { builtinsUsed, type WasmFunction } from './instance.ts'
import type { KernelMemory } from './memory.ts'
import { MARK, markOf } from './views.ts'
import type { CompiledCall, Tier, WrapperState } from './wrapper.ts'

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
  /** which of the counters counts its calls */
  readonly tier: Tier
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
  const pieces = plan.inputs.map((input, index) => inputText(input, index, parts)).filter(piece => piece !== undefined)
  if (pieces.length < plan.inputs.length) return undefined
  const { run, state, general, trapped, memory } = parts
  const bindings = Object.assign(
    { run, state, general, trapped, memory, isView: ArrayBuffer.isView, MARK },
    builtinBindings(plan),
  )
  return { code: functionText(pieces, overlapGuards(typed, plan), result, parts, Object.keys(bindings)), bindings }
}

/** `bind` holds what the function uses from outside; constants of its closure fold into the optimised code. */
function functionText(
  pieces: readonly Piece[],
  overlaps: string,
  result: string,
  { plan, count, tier }: DirectParts,
  bound: readonly string[],
): string {
  const names = Array.from({ length: count }, (_, i) => `a${i}`)
  const list = ['self', 'count', ...names].join(', ')
  const guards = [`count === ${count}`, ...pieces.map(({ guard }) => guard), ...builtinGuards(plan)].filter(
    guard => guard !== '',
  )
  const locals = ['result', ...pieces.map(({ local }) => local)].filter(name => name !== '')
  return `(function (bind) {
'use strict'
const { ${bound.join(', ')} } = bind
${pieces.map(({ declare }) => declare).join('\n')}
return function (${list}) {
  let ${locals.join(', ')}
  if (${guards.join(' && ')}${overlaps}) {
    try { result = run(${pieces.flatMap(({ params }) => params).join(', ')}) } catch (error) { return trapped(error, self, [${names.join(', ')}]) }
    state.${tier}++
    return ${result}
  }
  return general(${list})
}
})`
}

interface Piece {
  readonly guard: string
  readonly declare: string
  /** a variable of the call that the guard sets */
  readonly local: string
  readonly params: readonly string[]
}

const NO_PIECE: Piece = { guard: '', declare: '', local: '', params: [] }

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
      return isBuiltinItself(input, parts.captured) ? NO_PIECE : undefined
    default:
      return undefined
  }
}

/** `Math.sin`, which the guards of built-ins cover. The same function as a property of another object may be replaced there. */
function isBuiltinItself({ target, access }: Extract<Input, { kind: 'function' }>, captured: Captured): boolean {
  const { root, path } = access
  if (typeof target !== 'string' || !isLookedUp(target) || !('free' in root)) return false
  const [holder, key] = target.split('.')
  return path.length === 1 && path[0] === key && captured.free(root.func, root.free) === pristine(holder!)
}

function isText(input: Extract<Input, { kind: 'is' }>, arg: number): Piece | undefined {
  if ('arg' in input.access.root && arg < 0 && input.access.path.length === 0)
    return input.value === undefined ? NO_PIECE : undefined
  const simple = input.value === undefined || input.value === null || typeof input.value === 'boolean'
  return arg < 0 || !simple ? undefined : { ...NO_PIECE, guard: `a${arg} === ${input.value}` }
}

/** `isView` comes first: it is false for a Proxy, whose traps must not be run. */
function typedText(input: TypedInput, arg: number, index: number): Piece {
  const mark = `mark${index}`
  return {
    guard: `isView(a${arg}) && (${mark} = a${arg}[MARK]) !== undefined && ${mark}.elem === '${input.elem}' && ${mark}.memory === memory`,
    declare: '',
    local: mark,
    params: [`${mark}.address`, `${mark}.length`],
  }
}

/** A captured array in kernel memory is a constant address. */
function capturedText(input: TypedInput, index: number, { captured, memory }: DirectParts): Piece | undefined {
  const { root, path } = input.access
  if (!('free' in root) || path.length > 0) return undefined
  const value = captured.free(root.func, root.free)
  const mark = ArrayBuffer.isView(value) ? markOf(value) : undefined
  if (mark?.elem !== input.elem || mark.memory !== memory) return undefined
  const { address, length, end } = mark
  const declare = `const mark${index} = { address: ${address}, length: ${length}, end: ${end} }`
  return { ...NO_PIECE, declare, params: [`${address}`, `${length}`] }
}

/** Arrays that overlap without the plan expecting it are left to `general`, which tells the user. */
function overlapGuards(typed: readonly TypedInput[], { inputs }: CallPlan): string {
  const pairs = typed.flatMap((one, position) => typed.slice(0, position).map(other => [one, other] as const))
  return pairs
    .filter(([one, other]) => one.group !== other.group && (one.writes || other.writes))
    .map(([one, other]) => [inputs.indexOf(one), inputs.indexOf(other)] as const)
    .map(([i, j]) => ` && (mark${i}.address >= mark${j}.end || mark${j}.address >= mark${i}.end)`)
    .join('')
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

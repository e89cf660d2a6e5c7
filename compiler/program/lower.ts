import type { Diagnostic } from '../../base/diagnostic.ts'
import type { CallPlan, CompileRequest, Input, RegionPlan, Result, ValueShape, WriteBack } from '../abi.ts'
import { get, op } from '../ir/build.ts'
import type { Expr, Module, Region } from '../ir/ir.ts'
import type { Elem, ListType } from '../ir/types.ts'
import type { FunctionNode, Node } from '../source/ast.ts'
import type { Activation } from './activation.ts'
import { countedLoop, isIterable, newTyped, storeInBounds } from './arrays.ts'
import { inline, lowerBody, lowerCall } from './call.ts'
import { number, toNumber } from './convert.ts'
import { Cursor, type Target } from './cursor.ts'
import { type Handlers, runBody } from './dispatch.ts'
import { lowerExpression } from './expression.ts'
import { arrayEffects, exitsAfterEffect, hasLoops, hostsOf, usesArena } from './facts.ts'
import { elementOfShape } from './inputs.ts'
import { intrinsic } from './intrinsics.ts'
import { kernelCall } from './kernel-calls.ts'
import { LIBRARY } from './library.ts'
import { elementInBounds, lengthOf } from './member.ts'
import { type Hints, type ParsedFunction, Program, Restart } from './program.ts'
import { chosen, encode, Slots } from './result.ts'
import { integerParameters } from './speculate.ts'
import type { FieldBinding, Value } from './value.ts'

/** The IR of a request, and how the host calls it (all but what later passes decide). */
export interface Lowered {
  readonly module: Module
  readonly plan: Omit<CallPlan, 'hosts' | 'mayExit' | 'exitsAfterEffect' | 'usesArena' | 'hasLoops' | 'exits'>
  readonly remarks: readonly Diagnostic[]
}

const HANDLERS: Handlers = {
  expression: lowerExpression,
  callValue: lowerCall,
  intrinsic,
  kernelCall,
  runBody: lowerBody,
}

const MAX_RESTARTS = 40

/**
 * Lowers the kernel for one profile. The lowering is an abstract interpretation of the program over kinds; where it
 * finds out something that it should have known before (an array holds more than numbers), it starts again.
 * @throws Miss where the kernel cannot be compiled
 */
export function lower(kernel: CompileRequest): Lowered {
  const request = { ...kernel, graph: { functions: [...kernel.graph.functions, ...LIBRARY] } }
  const hints: Hints = {
    lists: new Map(),
    records: new Map(),
    materialised: new Set(),
    anyBox: false,
    holes: false,
    inlined: new Set(),
  }
  const parsed = new Map<number, ParsedFunction>()
  for (let attempt = 0; ; attempt++) {
    try {
      return lowerOnce(new Program(request, HANDLERS, hints, parsed))
    } catch (error) {
      if (!(error instanceof Restart) || attempt >= MAX_RESTARTS) throw error
    }
  }
}

function lowerOnce(program: Program): Lowered {
  const { fn, scope } = program.parse(0)
  const builder = program.entryBuilder
  const result: FieldBinding = { name: 'result' }
  const returns: Target = { label: 'unused', edges: [] }
  const { profile } = program.request
  const activation: Activation = {
    source: 0,
    fn,
    scope,
    thisValue: { k: 'undefined' },
    args: [],
    count: profile.count,
    returns,
    result,
    depth: 0,
    path: 'entry',
    labels: new Map(),
    breaks: [],
    continues: [],
  }
  const c = new Cursor(program, builder, activation)
  const thisValue = scope.usesThis ? entryThis(c, fn) : ({ k: 'undefined' } as const)
  const args = profile.args.map((shape, i) => argument(c, shape, i, fn))
  const integers = program.speculates ? integerParameters(fn, scope, calleeUses(program, 0, new Set())) : new Set()
  const settled = args.map((value, i) =>
    isIntegerParameter(c, fn, i, integers) ? asInteger(c, value, fn.params[i] as Node) : value,
  )
  let target: Target = returns
  c.block('kernel', t => {
    target = t
    c.activation = { ...activation, thisValue, args: settled, returns: t }
    if (program.request.options.broadcast) elementwise(c, result)
    else runBody(c)
  })
  const slots = new Slots()
  const encoded = finishEntry(c, result, target, slots)
  const writeBacks = encodeWriteBacks(c, slots)
  completeCalls(program)
  const module = moduleOf(program, slots)
  return {
    module,
    plan: planOf(program, module, encoded, writeBacks, slots),
    remarks: [...program.remarks, ...program.coldMisses],
  }
}

/** A scalar kernel over arrays: a loop around its body, a Float64Array as result. The host has compared the lengths. */
function elementwise(c: Cursor, result: FieldBinding): void {
  const { fn, scope, thisValue, args, returns } = c.activation
  const isElement = c.program.request.options.broadcast ?? []
  const first = args.find((value, i) => isElement[i] && isIterable(value))
  if (!first || !isIterable(first)) throw c.unsupported(fn, 'broadcasting without an array')
  const length = c.temp(lengthOf(first), 'length')
  const target = newTyped(c, 'f64', length, fn)
  countedLoop(c, fn, length, index => {
    const row = args.map((value, i) =>
      isElement[i] && isIterable(value)
        ? number(c.temp(toNumber(c, elementInBounds(c, value, index), fn), 'element'))
        : value,
    )
    const value = inline(c, { source: 0, fn, scope, thisValue, args: row }, fn)
    if (c.env) storeInBounds(c, target, index, number(toNumber(c, value, fn)), fn)
  })
  if (!c.env) return
  c.put(result, target)
  c.jump(returns)
}

function entryThis(c: Cursor, fn: FunctionNode): Value {
  const own = c.program.source(0).thisShape
  if (fn.type === 'ArrowFunctionExpression')
    return own
      ? c.program.inputs.value(c.builder, { root: { func: 0, free: 'this' }, path: [] }, own, 'this')
      : { k: 'opaque', what: '`this` of the enclosing function', name: 'this' }
  return c.program.inputs.value(c.builder, { root: { this: true }, path: [] }, c.program.inputs.thisShape(), 'this')
}

function argument(c: Cursor, shape: ValueShape, index: number, fn: FunctionNode): Value {
  const param = fn.params[index]
  const name = param?.type === 'Identifier' ? param.name : `arg${index}`
  return c.program.inputs.value(c.builder, { root: { arg: index }, path: [] }, shape, name)
}

/** Whether a helper, found by its captured name, uses an argument as a count or an index. */
function calleeUses(
  program: Program,
  index: number,
  above: ReadonlySet<number>,
): (name: string, argument: number) => boolean {
  return (name, argument) => {
    const shape = program.free(index, name)
    if (shape?.k !== 'function' || above.has(shape.index) || above.size > 4) return false
    const known = program.integerArguments.get(shape.index)
    if (known) return known.has(argument)
    const { fn, scope } = program.parse(shape.index)
    const bindings = integerParameters(fn, scope, calleeUses(program, shape.index, new Set([...above, shape.index])))
    const positions = new Set(
      fn.params.flatMap((param, i) =>
        param.type === 'Identifier' && bindings.has(scope.bindingOf.get(param)!) ? [i] : [],
      ),
    )
    program.integerArguments.set(shape.index, positions)
    return positions.has(argument)
  }
}

function isIntegerParameter(c: Cursor, fn: FunctionNode, index: number, integers: ReadonlySet<unknown>): boolean {
  const param = fn.params[index]
  const id = param?.type === 'AssignmentPattern' ? param.left : param
  return id?.type === 'Identifier' && integers.has(c.activation.scope.bindingOf.get(id))
}

/** The assumption is checked once, at entry; -0 fails it, since an integer cannot hold it. */
function asInteger(c: Cursor, value: Value, node: Node): Value {
  if (value.k !== 'number') return value
  const integer = c.temp(op('i32.trunc_sat_s', value.expr), 'int')
  const back = op('f64.from_i32_s', integer)
  c.exitIf(
    op('i64.ne', op('i64.bits_f64', back), op('i64.bits_f64', value.expr)),
    node,
    'a count or an index is not a 32-bit integer',
    'integers',
  )
  return number(back)
}

/** The values that returns deliver: one kind, or several told apart by a slot. */
function finishEntry(c: Cursor, slot: FieldBinding, target: Target, slots: Slots): Result {
  const node = c.activation.fn
  const value = c.env ? c.get(slot) : ({ k: 'undefined' } as const)
  if (!value) return { kind: 'void' }
  if (value.k === 'conflict') return encodeChoice(c, slot, target, slots)
  return finishSingle(c, value, slots, node)
}

function finishSingle(c: Cursor, value: Value, slots: Slots, node: Node): Result {
  if (value.k === 'number') return wasmResult(c, value.expr, 'f64')
  if (value.k === 'boolean') return wasmResult(c, value.expr, 'bool')
  if (value.k === 'undefined') return { kind: 'void' }
  return encode(c, value, slots, node)
}

function wasmResult(c: Cursor, expr: Expr, kind: 'f64' | 'bool'): Result {
  c.builder.result = expr.type
  c.program.finalReturn = expr
  return { kind }
}

/** Each return writes its own slots before it jumps, and a number that tells which it was. */
function encodeChoice(c: Cursor, slot: FieldBinding, target: Target, slots: Slots): Result {
  const which = slots.next()
  const options: Result[] = []
  const { out, env } = c
  for (const edge of target.edges) {
    const value = edge.env.get(slot) ?? ({ k: 'undefined' } as const)
    c.out = edge.pad
    c.env = edge.env
    c.emit(chosen(which, options.length))
    options.push(encode(c, value, slots, c.activation.fn))
  }
  c.out = out
  c.env = env
  return { kind: 'choice', slot: which, options }
}

function encodeWriteBacks(c: Cursor, slots: Slots): WriteBack[] {
  const { inputs } = c.program
  const writes: WriteBack[] = []
  for (const object of inputs.objects.values()) {
    const info = object.infos.get(c.builder)
    for (const name of object.written) {
      const slot = info?.fields.get(name)
      const value = slot && c.get(slot)
      if (value && c.env)
        writes.push({
          access: { root: object.access.root, path: [...object.access.path, name] },
          value: encode(c, value, slots, c.activation.fn),
        })
    }
  }
  if (c.env && c.program.finalReturn) c.emit({ kind: 'return', value: c.program.finalReturn })
  return writes
}

/** Live values that helpers turned out to need become arguments of every call of theirs, up to the entry. */
function completeCalls(program: Program): void {
  const builders = [program.entryBuilder, ...[...program.instances.values()].map(instance => instance.builder)]
  for (let changed = true; changed; ) {
    changed = false
    for (const builder of builders) {
      for (const { callee } of builder.calls) {
        for (const key of callee.builder.liveParams.keys()) {
          if (builder.liveParams.has(key)) continue
          program.inputs.paramOf(builder, key)
          changed = true
        }
      }
    }
  }
  for (const builder of builders) {
    for (const { callee, args } of builder.calls) {
      for (const key of callee.builder.liveParams.keys()) {
        const local = program.inputs.paramOf(builder, key)
        args.push(get(local, builder.locals[local]!.type))
      }
    }
  }
}

function moduleOf(program: Program, slots: Slots): Module {
  const helpers = [...program.instances.values()]
    .filter(instance => instance.state === 'done')
    .map(instance => instance.builder.finish())
  return { funcs: [program.entryBuilder.finish(), ...helpers], entry: 'run', exits: program.exits, slots: slots.used }
}

function planOf(
  program: Program,
  module: Module,
  result: Result,
  writeBacks: WriteBack[],
  slots: Slots,
): Lowered['plan'] {
  const { inputs, entryBuilder } = program
  const effects = arrayEffects(module)
  const params: Input[] = []
  for (const { local } of entryBuilder.params) {
    const live = [...entryBuilder.liveParams.values()].find(param => param.local === local)!
    const { access, shape, type } = inputs.live.get(live.key)!
    const position = params.length
    if (shape.k === 'number') params.push({ kind: 'number', access, param: true })
    else if (shape.k === 'boolean') params.push({ kind: 'boolean', access, param: true })
    else if (shape.k === 'typed')
      params.push({
        kind: 'typed',
        access,
        param: true,
        elem: shape.elem as Elem,
        group: shape.group,
        ...effects(position),
      })
    else
      params.push({
        kind: 'list',
        access,
        param: true,
        element: elementOfShape(shape as ValueShape & { k: 'list' }, type as ListType),
        ...effects(position),
        resizes: effects(position).writes,
      })
  }
  return {
    inputs: [...objectGuards(program), ...inputs.guards, ...distinct(program, params), ...params],
    result,
    writeBacks,
    slots: slots.used,
    builtins: [...program.builtins],
  }
}

function objectGuards(program: Program): Input[] {
  return [...program.inputs.objects.values()].map(object => ({
    kind: 'object',
    access: object.access,
    param: false,
    fields: [...object.fields],
    ...(object.absent.size > 0 && { absent: [...object.absent] }),
  }))
}

/** Lists and written objects that were different ones when the profile was taken must stay so. */
function distinct(program: Program, params: readonly Input[]): Input[] {
  const lists = params.filter(param => param.kind === 'list')
  const written = lists.some(param => param.kind === 'list' && param.writes)
  const objects = [...program.inputs.objects.values()]
  const pairs = [
    ...(written ? pairsOf(lists.map(param => param.access)) : []),
    ...(objects.some(object => object.written.size > 0) ? pairsOf(objects.map(object => object.access)) : []),
  ]
  return pairs.map(([access, other]) => ({ kind: 'same', access, param: false, other, same: false }))
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, i) => items.slice(i + 1).map((b): [T, T] => [a, b]))
}

/** What the optimised module decides about calling it. */
const regionPlan = ({ step, gathers }: Region): RegionPlan => ({
  step,
  ...(gathers && { gathers: gathers.isOrdered ? 'rounds' : 'parts' }),
})

export function completePlan(plan: Lowered['plan'], module: Module): CallPlan {
  return {
    ...plan,
    exits: module.exits,
    hosts: hostsOf(module),
    ...exitsAfterEffect(module),
    usesArena: usesArena(module),
    hasLoops: hasLoops(module),
    ...(module.regions && { regions: module.regions.map(regionPlan) }),
  }
}

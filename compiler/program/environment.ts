import type { Access } from '../abi.ts'
import { box, get, op } from '../ir/build.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import { BOX, type Type } from '../ir/types.ts'
import type { FunctionBuilder } from './function-builder.ts'
import { BOOLEAN, describe, maskOf, NUMBER, type Origin, type RecordValue, type Slot, type Value } from './value.ts'

/** What every variable holds at one point of the program. */
export type Environment = Map<Slot, Value>

/** A way into a join: the environment there, and the place where conversions are put before the jump. */
export interface Edge {
  readonly env: Environment
  readonly pad: Stmt[]
}

/**
 * Joins control flow: a variable that has different values on the edges gets one storage, into which each edge's pad
 * copies, converting where the kinds differ (this is the phi of SSA form, resolved at once).
 */
export function merge(builder: FunctionBuilder, edges: readonly Edge[]): Environment | null {
  const [first] = edges
  if (!first) return null
  if (edges.length === 1) return first.env
  const merged: Environment = new Map()
  const slots = new Set(edges.flatMap(edge => [...edge.env.keys()]))
  for (const slot of slots) {
    const values = edges.map(edge => valueIn(edge.env, slot))
    if (values.every(value => value !== undefined))
      merged.set(slot, mergeValues(builder, slot, values as Value[], edges))
    else if ('born' in slot && edges.every(edge => edge.env.has(slot.born!)))
      merged.set(slot, conflict(values.map(value => value ?? ABSENT)))
  }
  return merged
}

/** What a field holds that only some of the paths have added. */
const ABSENT: Value = { k: 'undefined' }

/** Fields of live objects that nobody has touched yet still hold what they held before the call. */
export function valueIn(env: Environment, slot: Slot): Value | undefined {
  return env.get(slot) ?? ('initial' in slot ? slot.initial : undefined)
}

function mergeValues(builder: FunctionBuilder, slot: Slot, values: readonly Value[], edges: readonly Edge[]): Value {
  const first = values[0]!
  if (values.every(value => sameValue(value, first))) return first
  const mask = values.reduce((all, value) => (maskOf(value) === 0 ? Number.NaN : all | maskOf(value)), 0)
  if (!Number.isNaN(mask) && values.every(value => maskOf(value) !== 0)) {
    const common = primitiveStorage(builder, slot, mask)
    values.forEach((value, i) => assign(edges[i]!.pad, common, primitiveAs(value, common)))
    return common
  }
  return mergeReferences(builder, slot, values, edges) ?? conflict(values)
}

function conflict(values: readonly Value[]): Value {
  return {
    k: 'conflict',
    kinds: [...new Set(values.flatMap(value => (value.k === 'conflict' ? value.kinds : [describe(value)])))],
  }
}

/** The storage of a primitive of these kinds. */
export function primitiveStorage(builder: FunctionBuilder, slot: Slot, mask: number): Value & { expr: Expr } {
  if (mask === NUMBER) return { k: 'number', expr: get(builder.storage(slot, 'f64'), 'f64') }
  if (mask === BOOLEAN) return { k: 'boolean', expr: get(builder.storage(slot, 'i32'), 'i32') }
  return { k: 'box', expr: get(builder.storage(slot, 'box'), 'box'), mask }
}

function assign(out: Stmt[], target: Value & { expr: Expr }, expr: Expr): void {
  if (target.expr.kind !== 'get' || (expr.kind === 'get' && expr.local === target.expr.local)) return
  out.push({ kind: 'set', local: target.expr.local, value: expr })
}

function primitiveAs(value: Value, like: Value): Expr {
  if (value.k === like.k && (value.k === 'number' || value.k === 'boolean')) return value.expr
  return toBox(value)
}

/** Any primitive in 64 bits. Reads are settled before they reach a variable. */
export function toBox(value: Value): Expr {
  switch (value.k) {
    case 'number':
      return op('box.from_f64', value.expr)
    case 'boolean':
      return value.expr.kind === 'const'
        ? box(value.expr.value ? BOX.true : BOX.false)
        : op('box.from_bool', value.expr)
    case 'undefined':
      return box(BOX.undefined)
    case 'null':
      return box(BOX.null)
    case 'box':
      return value.expr
    case 'read':
      return {
        kind: 'cond',
        type: 'box',
        test: value.inBounds,
        then: op('box.from_f64', value.number),
        else: box(BOX.undefined),
      }
    default:
      throw new TypeError(`no box holds a ${value.k}`)
  }
}

function mergeReferences(
  builder: FunctionBuilder,
  slot: Slot,
  values: readonly Value[],
  edges: readonly Edge[],
): Value | undefined {
  const first = values[0]!
  if (first.k === 'record') return mergeRecords(builder, slot, first, values, edges)
  if (first.k !== 'array' && first.k !== 'list') return undefined
  const type: Type = first.k === 'array' ? `arr.${first.elem}` : first.type
  const local = builder.storage(slot, type)
  let mask = 0
  for (const value of values) {
    if (value.k !== first.k) return undefined
    if (
      value.k === 'array'
        ? first.k === 'array' && value.elem !== first.elem
        : first.k === 'list' && (value.type !== first.type || !sameNames(value.records, first.records))
    )
      return undefined
    if (value.k === 'list') mask |= value.mask
  }
  values.forEach((value, i) => {
    if ((value.k === 'array' || value.k === 'list') && value.local !== local)
      edges[i]!.pad.push({ kind: 'set', local, value: get(value.local, type) })
  })
  const origin = values.map(value => (value as typeof first).origin).reduce(mergeOrigins)
  return first.k === 'array' ? { k: 'array', local, elem: first.elem, origin } : { ...first, local, origin, mask }
}

const sameNames = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a?.join() === b?.join()

function mergeRecords(
  builder: FunctionBuilder,
  slot: Slot,
  first: RecordValue,
  values: readonly Value[],
  edges: readonly Edge[],
): Value | undefined {
  if (!values.every(value => value.k === 'record' && sameNames(value.fields, first.fields))) return undefined
  const local = builder.storage(slot, 'list.f64')
  values.forEach((value, i) => {
    if (value.k === 'record' && value.local !== local)
      edges[i]!.pad.push({ kind: 'set', local, value: get(value.local, 'list.f64') })
  })
  return { ...first, local }
}

function mergeOrigins(a: Origin, b: Origin): Origin {
  if (a.from === 'input' && b.from === 'input' && sameAccess(a.access, b.access)) return a
  if (a.from === 'fresh' && b.from === 'fresh') return a
  return a.from === 'view' || b.from === 'view' ? { from: 'view' } : { from: 'some' }
}

const sameOrigin = (a: Origin, b: Origin): boolean =>
  a.from === 'input' && b.from === 'input' ? sameAccess(a.access, b.access) : a.from === b.from

export const sameAccess = (a: Access, b: Access): boolean => JSON.stringify(a) === JSON.stringify(b)

export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true
  switch (a.k) {
    case 'number':
    case 'boolean':
      return b.k === a.k && sameExpr(a.expr, b.expr)
    case 'box':
      return b.k === 'box' && a.mask === b.mask && sameExpr(a.expr, b.expr)
    case 'string':
      return b.k === 'string' && a.value === b.value
    case 'undefined':
    case 'null':
      return a.k === b.k
    case 'array':
      return b.k === 'array' && a.local === b.local && sameOrigin(a.origin, b.origin)
    case 'list':
      return (
        b.k === 'list' &&
        a.local === b.local &&
        a.mask === b.mask &&
        sameOrigin(a.origin, b.origin) &&
        sameNames(a.records, b.records)
      )
    case 'record':
      return b.k === 'record' && a.local === b.local && sameNames(a.fields, b.fields)
    case 'object':
      return b.k === 'object' && a.object === b.object
    case 'closure':
      return b.k === 'closure' && a.node === b.node && a.activation === b.activation
    case 'function':
      return b.k === 'function' && a.index === b.index
    case 'builtin':
      return b.k === 'builtin' && a.name === b.name
    case 'conflict':
      return b.k === 'conflict' && a.kinds.join() === b.kinds.join()
    case 'opaque':
      return b.k === 'opaque' && a.what === b.what && a.name === b.name
    default:
      return false
  }
}

/** Equal constants or the same local: the only expressions that variables hold. */
function sameExpr(a: Expr, b: Expr): boolean {
  if (a.kind === 'const' && b.kind === 'const') return a.type === b.type && Object.is(a.value, b.value)
  return a.kind === 'get' && b.kind === 'get' && a.local === b.local
}

/** Environments agree on every slot of the first (the second may know more: variables of an inner scope). */
export function sameEnvironment(a: Environment, b: Environment): boolean {
  if (a.size !== b.size) return false
  for (const [slot, value] of a) {
    const other = b.get(slot)
    if (!other || !sameValue(value, other)) return false
  }
  return true
}

import { i32, op } from '../ir/build.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { Elem } from '../ir/types.ts'
import { LANE_BITS, LANES, type VectorType } from '../ir/vector-types.ts'
import { type Builder, hoist, hold, holdAll, partsOf, uniform, type Value } from './builder.ts'
import { checkWaiting, storeInRow } from './interleave.ts'
import { closed, type Linear, linearKey, linearOf } from './linear.ts'
import { cast, every, shuffle, vload, vop } from './make.ts'
import { refuse } from './refusal.ts'
import { boundsFor, phase } from './split.ts'
import { groupLoop } from './uniform.ts'
import { resize, select } from './widths.ts'

/** Loads and stores of a group: whole vectors where the rounds follow each other in memory. */

/** The integer lanes in which elements of a kind lie in memory, and those in which they are computed. */
const RAW: Readonly<Record<Elem, VectorType>> = {
  i8: 'i8x16',
  u8: 'i8x16',
  u8c: 'i8x16',
  i16: 'i16x8',
  u16: 'i16x8',
  i32: 'i32x4',
  u32: 'i32x4',
  f32: 'f32x4',
  f64: 'f64x2',
}
export const signOf = (elem: Elem): 's' | 'u' => (elem.startsWith('u') ? 'u' : 's')

interface Place {
  readonly index: Expr
  readonly form: Linear
  /** Elements from round to round. */
  readonly stride: number
}

export function placeOf(builder: Builder, index: Expr): Place {
  const whole = closed(index, builder.forms)
  const form = linearOf(whole, builder.loop) ?? inGroup(builder, whole)
  if (!form) return refuse('an index is no linear function of the loop counter')
  return { index: whole, form, stride: form.step * builder.step }
}

/**
 * Stores go to places that depend on the counter alone: those of an inner loop's rounds might meet others of other
 * lanes, in another order than in the loop. So the array is one and the same too (not a view that an inner loop moves).
 */
function storePlace(builder: Builder, { array, index, span }: Extract<Stmt, { kind: 'store' }>): Place {
  if (!isSameArray(builder, array)) refuse('an array that is stored to changes in the loop', span)
  const place = placeOf(builder, index)
  if (!isOfCounter(builder, place)) refuse('an index of a store changes in an inner loop')
  makeSure(builder, array, place)
  return place
}

const isOfCounter = ({ loop }: Builder, { index }: Place): boolean => linearOf(index, loop) !== undefined

/**
 * The passes between the split and here write indices in other ways, and find linear ones that the split did not know. What
 * it has not made sure of, the vector loop does, by ending sooner.
 */
function makeSure({ loop, step, assured, bounds, mask, arms, depth }: Builder, array: LocalId, place: Place): void {
  const unproven = mask !== undefined || arms > 0 || depth > 0
  for (const [key, bound] of boundsFor(loop, { array, index: place.index, form: place.form }, step, unproven))
    if (!assured.has(key)) bounds.set(key, bound)
}

const isSameArray = ({ loop }: Builder, array: LocalId): boolean =>
  loop.isInvariant({ kind: 'len', type: 'i32', array })

/** Nothing makes sure of places in arrays that an inner loop sets, but that the loop itself comes to them. */
function loadPlace(builder: Builder, { array, index }: Extract<Expr, { kind: 'load' }>): Place {
  const place = placeOf(builder, index)
  if (!isSameArray(builder, array) && (builder.mask || builder.arms > 0 || Math.abs(place.stride) !== 1))
    refuse('an element of an array that changes in the loop is read only where a condition holds')
  if (isSameArray(builder, array) && isOfCounter(builder, place)) makeSure(builder, array, place)
  return place
}

/**
 * Rows of whole vectors may go beyond what the loop itself accesses: only neighbours are taken. Places that depend on the
 * counter alone are in bounds in every round of the main loop (split.ts); these are where the scalar loop comes to them.
 */
function inGroup(builder: Builder, index: Expr): Linear | undefined {
  const form = linearOf(index, groupLoop(builder))
  if (form && (builder.mask || builder.arms > 0))
    refuse('an element of an inner loop is read only where a condition holds')
  return form && Math.abs(form.step * builder.step) === 1 ? form : undefined
}

export function loadValue(builder: Builder, expr: Extract<Expr, { kind: 'load' }>): Value {
  const place = loadPlace(builder, expr)
  const { stride } = place
  checkWaiting(builder, expr.array)
  if (stride === 0) return splatLoad(builder, expr, place)
  if (stride * BITS[expr.elem] === 32 && stride > 1) return fieldsOfWords(builder, expr, place)
  const raw = rawValue(builder, expr, place)
  return expr.type === 'i32' ? resize(builder, raw, 32, signOf(expr.elem)) : raw
}

export const rawLoadable = (builder: Builder, { elem, index }: Extract<Expr, { kind: 'load' }>): boolean =>
  BITS[elem] < 32 && Math.abs(placeOf(builder, index).stride) === 1

/** Elements that follow each other, in the lanes in which they lie in memory. */
export function rawLoad(builder: Builder, expr: Extract<Expr, { kind: 'load' }>): Value | undefined {
  const place = loadPlace(builder, expr)
  if (Math.abs(place.stride) !== 1) return undefined
  checkWaiting(builder, expr.array)
  return rawValue(builder, expr, place)
}

function rawValue(builder: Builder, expr: Extract<Expr, { kind: 'load' }>, place: Place): Value {
  const key = `${expr.array} ${linearKey(place.form)}`
  const parts = builder.shared.get(key) ?? loadParts(builder, expr, place)
  builder.shared.set(key, parts)
  return { type: partTypeOf(builder, expr.elem), parts }
}

/** In small groups narrow elements are widened as they are loaded. */
function partTypeOf(builder: Builder, elem: Elem): VectorType {
  const raw = RAW[elem]
  return LANES[raw] <= builder.group ? raw : LANES[raw] === 16 && builder.group === 8 ? 'i16x8' : 'i32x4'
}

function splatLoad(builder: Builder, expr: Extract<Expr, { kind: 'load' }>, place: Place): Value {
  const type: VectorType = expr.type === 'f64' ? 'f64x2' : expr.type === 'f32' ? 'f32x4' : 'i32x4'
  return uniform(builder, type, hoist(builder, vop(`${type}.splat`, { ...expr, index: place.index })))
}

function loadParts(builder: Builder, { elem, array }: Extract<Expr, { kind: 'load' }>, place: Place): readonly Expr[] {
  const type = partTypeOf(builder, elem)
  const lanes = LANES[type]
  const index = hold(builder, place.index, 'at')
  const { stride } = place
  const at = (offset: number): Expr => (offset === 0 ? index : op('i32.add', index, i32(offset)))
  const count = partsOf(builder, type)
  const loads = (first: number): Expr => vload(type, elem, array, at(first), lanes)
  if (stride === 1) return Array.from({ length: count }, (_, part) => hold(builder, loads(part * lanes)))
  if (stride === -1) {
    return Array.from({ length: count }, (_, part) => {
      const whole = hold(builder, loads(-(part + 1) * lanes + 1))
      return hold(builder, turned(whole))
    })
  }
  if (stride < 2 || stride > 4) return refuse(`elements ${stride} apart are not loaded as vectors`)
  return stridedParts(builder, { elem, array }, place, type)
}

/**
 * Every `stride`-th element: whole vectors of the rows are loaded (once for all accesses to them), then each part
 * takes its lanes from `stride` vectors one after the other.
 */
function stridedParts(
  builder: Builder,
  { elem, array }: { elem: Elem; array: LocalId },
  place: Place,
  type: VectorType,
): readonly Expr[] {
  const { stride, form } = place
  const within = phase({ ...form, step: stride })
  const rows = rowVectors(builder, { elem, array }, place, type, within)
  const lanes = LANES[type]
  return Array.from({ length: partsOf(builder, type) }, (_, part) => {
    const own = rows.slice(part * stride, (part + 1) * stride)
    return hold(builder, gather(own, lanes, stride, within))
  })
}

/** Elements that are fields of 32-bit words (a channel of RGBA pixels): loaded as words, shifted and masked. */
function fieldsOfWords(builder: Builder, expr: Extract<Expr, { kind: 'load' }>, place: Place): Value {
  const { elem } = expr
  const bits = BITS[elem]
  const raw = RAW[elem]
  const within = phase({ ...place.form, step: place.stride })
  const rows = rowVectors(builder, expr, place, raw, within)
  const low = within * bits
  const parts = rows.map(row => {
    const word = cast('i32x4', row)
    if (signOf(elem) === 's') return shift('shr_s', shift('shl', word, 32 - bits - low), 32 - bits)
    const down = low === 0 ? word : shift('shr_u', word, low)
    return low + bits === 32 ? down : vop('i32x4.and', down, hoist(builder, every('i32x4', 2 ** bits - 1)))
  })
  return { type: 'i32x4', parts: holdAll(builder, parts) }
}

const shift = (name: string, value: Expr, by: number): Expr => (by === 0 ? value : vop(`i32x4.${name}`, value, i32(by)))

function rowVectors(
  builder: Builder,
  { elem, array }: { elem: Elem; array: LocalId },
  { form, index, stride }: Place,
  type: VectorType,
  within: number,
): readonly Expr[] {
  const base = { ...form, constant: form.constant - within }
  const key = `rows ${array} ${linearKey(base)}`
  const known = builder.shared.get(key)
  if (known) return known
  const first = hold(builder, within === 0 ? index : op('i32.sub', index, i32(within)), 'at')
  const lanes = LANES[type]
  const rows = Array.from({ length: (builder.group * stride) / lanes }, (_, i) => {
    const from = i === 0 ? first : op('i32.add', first, i32(i * lanes))
    return hold(builder, vload(type, elem, array, from, lanes))
  })
  builder.shared.set(key, rows)
  return rows
}

/** Lane i is element i * stride + within of the vectors laid end to end. */
function gather(rows: readonly Expr[], lanes: number, stride: number, within: number): Expr {
  let result = rows[0] as Expr
  for (let row = 0; row < rows.length; row++) {
    const next = rows[row] as Expr
    const order = Array.from({ length: lanes }, (_, lane) => {
      const element = lane * stride + within
      const own = Math.floor(element / lanes)
      if (own === row) return (row === 0 ? 0 : lanes) + (element % lanes)
      return lane
    })
    result =
      row === 0
        ? shuffle(
            order.map(lane => Math.min(lane, lanes - 1)),
            next,
            next,
          )
        : shuffle(order, result, next)
  }
  return result
}

// ---- stores

export const BITS: Readonly<Record<Elem, number>> = {
  i8: 8,
  u8: 8,
  u8c: 8,
  i16: 16,
  u16: 16,
  i32: 32,
  u32: 32,
  f32: 32,
  f64: 64,
}

export function storeValue(builder: Builder, stmt: Extract<Stmt, { kind: 'store' }>, value: Value): void {
  const place = storePlace(builder, stmt)
  const { stride } = place
  if (Math.abs(stride) !== 1) return storeInRow(builder, stmt, value, place)
  const kept = memoryLanes(builder, value, stmt.elem)
  const made = builder.mask ? masked(builder, stmt, kept) : kept
  const index = hold(builder, place.index, 'at')
  const count = LANES[made.type]
  for (const [part, vector] of made.parts.entries()) {
    const first = stride === 1 ? part * count : 1 - (part + 1) * count
    const at = first === 0 ? index : op('i32.add', index, i32(first))
    const value = stride === 1 ? vector : turned(hold(builder, vector))
    const { array, elem, span } = stmt
    builder.out.push({ kind: 'vstore', elem, array, index: at, count, value, ...(span && { span }) })
  }
  forget(builder)
}

/** The last lane first. */
function turned(vector: Expr): Expr {
  const lanes = LANES[vector.type as VectorType]
  return shuffle(
    Array.from({ length: lanes }, (_, lane) => lanes - 1 - lane),
    vector,
    vector,
  )
}

/** What is stored: integer lanes are narrowed as far as whole vectors go. */
function memoryLanes(builder: Builder, value: Value, elem: Elem): Value {
  const type = partTypeOf(builder, elem)
  if (type.startsWith('f')) return value
  return resize(builder, value, Math.max(LANE_BITS[type], BITS[elem]))
}

/** Rounds that take no part write back what is there: one thread alone works on this array. */
function masked(builder: Builder, stmt: Extract<Stmt, { kind: 'store' }>, value: Value): Value {
  const scalar = stmt.elem === 'f32' ? 'f32' : stmt.elem === 'f64' ? 'f64' : 'i32'
  const old = loadParts(
    builder,
    { kind: 'load', type: scalar, elem: stmt.elem, array: stmt.array, index: stmt.index },
    placeOf(builder, stmt.index),
  )
  return select(builder, builder.mask as Value, value, { type: value.type, parts: old })
}

/** After a store, what was loaded before may no longer be there. */
const forget = ({ shared }: Builder): void => shared.clear()

import { i32, op } from '../ir/build.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import type { Elem } from '../ir/types.ts'
import { LANES, type VectorType } from '../ir/vector-types.ts'
import { type Builder, hoist, hold, kept, type Value } from './builder.ts'
import { type Linear, linearKey } from './linear.ts'
import { cast, every, shuffle, vop } from './make.ts'
import { refuse } from './refusal.ts'
import { phase } from './split.ts'

/**
 * Stores to every `stride`-th element: they wait until all elements of a row are there (the channels of a pixel), and
 * are then written as whole vectors.
 */
export interface WaitingRow {
  readonly array: number
  readonly values: (Value | undefined)[]
}

interface Target {
  readonly form: Linear
  readonly index: Expr
  readonly stride: number
}

type Store = Extract<Stmt, { kind: 'store' }>

/** Takes the value of one store; writes the row when it is the last. */
export function storeInRow(builder: Builder, stmt: Store, value: Value, { form, index, stride }: Target): void {
  if (builder.mask || !builder.rest) refuse('elements apart are stored under a condition', stmt.span)
  if (stride < 2 || stride > 4) refuse(`elements ${stride} apart are not stored as vectors`, stmt.span)
  const within = phase({ ...form, step: stride })
  const key = `${stmt.array} ${linearKey({ ...form, constant: form.constant - within })}`
  const row = builder.rows.get(key) ?? { array: stmt.array, values: Array.from({ length: stride }, () => undefined) }
  builder.rows.set(key, row)
  if (row.values[within]) refuse('an element is stored twice', stmt.span)
  row.values[within] = kept(builder, value)
  const values = row.values.filter(one => one !== undefined)
  if (values.length < stride) return
  builder.rows.delete(key)
  const first = hold(builder, within === 0 ? index : op('i32.sub', index, i32(within)), 'at')
  writeRow(builder, stmt, values, first)
}

/** Loads must not come between the stores of a row. */
export function checkWaiting(builder: Builder, array: number): void {
  for (const row of builder.rows.values()) {
    if (builder.classOf(row.array) === builder.classOf(array)) refuse('a row is read while it is written')
  }
}

export function checkNoneWaits(builder: Builder): void {
  if (builder.rows.size > 0) refuse('some of the elements of a row are not stored')
}

function writeRow(builder: Builder, { array, elem, span }: Store, values: readonly Value[], first: Expr): void {
  const vectors = BITS[elem] * values.length === 32 ? words(builder, elem, values) : rowsOf(elem, values)
  const count = vectors.length === 0 ? 0 : LANES[(vectors[0] as Expr).type as VectorType]
  for (const [i, value] of vectors.entries()) {
    const index = i === 0 ? first : op('i32.add', first, i32(i * count))
    builder.out.push({ kind: 'vstore', elem, array, index, count, value, ...(span && { span }) })
  }
  builder.shared.clear()
}

const BITS: Readonly<Record<Elem, number>> = {
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

/** The elements of a row fill 32 bits: a word for each round. */
function words(builder: Builder, elem: Elem, values: readonly Value[]): readonly Expr[] {
  const bits = BITS[elem]
  const low = hoist(builder, every('i32x4', 2 ** bits - 1))
  const type = bits === 8 ? 'i8x16' : 'i16x8'
  return (values[0] as Value).parts.map((_, part) => {
    const fields = values.map(({ parts }, i) => {
      const field = parts[part] as Expr
      const own = i === values.length - 1 ? field : vop('i32x4.and', field, low)
      return i === 0 ? own : vop('i32x4.shl', own, i32(i * bits))
    })
    return cast(
      type,
      fields.reduce((a, b) => vop('i32x4.or', a, b)),
    )
  })
}

/** Lanes dealt out to rows: element e of the row vectors is lane e / stride of value e mod stride. */
function rowsOf(elem: Elem, values: readonly Value[]): readonly Expr[] {
  const type = (values[0] as Value).type
  if (BITS[elem] < 32) refuse('narrow elements that do not fill words')
  const lanes = LANES[type]
  const stride = values.length
  return (values[0] as Value).parts.flatMap((_, part) =>
    Array.from({ length: stride }, (_row, row) => dealt(values, part, row, lanes)),
  )
}

function dealt(values: readonly Value[], part: number, row: number, lanes: number): Expr {
  const stride = values.length
  let result = (values[0] as Value).parts[part] as Expr
  for (let from = 0; from < stride; from++) {
    const next = (values[from] as Value).parts[part] as Expr
    const order = Array.from({ length: lanes }, (_, lane) => {
      const element = row * lanes + lane
      if (element % stride === from) return (from === 0 ? 0 : lanes) + Math.floor(element / stride)
      return lane
    })
    if (from > 0 || order.some((lane, i) => lane !== i)) result = shuffle(order, result, next)
  }
  return result
}

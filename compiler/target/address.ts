import { ARRAYS_FROM } from '../abi.ts'
import type { Expr } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import type { Elem } from '../ir/types.ts'
import type { ExprRef } from './emit.ts'
import type { Frame } from './frame.ts'

/** Where an access goes: `pointer + offset`, the offset in the instruction. */
export interface Address {
  readonly pointer: ExprRef
  readonly offset: number
}

/** index = variable + constant, modulo 2^32. */
export interface SplitIndex {
  readonly variable: Expr | undefined
  readonly constant: number
}

export function splitIndex(index: Expr): SplitIndex {
  if (index.kind === 'const') return { variable: undefined, constant: index.value as number }
  if (index.kind !== 'op') return { variable: index, constant: 0 }
  const [left, right] = index.args
  const constant = constantTerm(index.op, right)
  if (constant !== undefined) return plus(splitIndex(left!), constant)
  const leading = index.op === 'i32.add' ? constantTerm(index.op, left) : undefined
  return leading === undefined ? { variable: index, constant: 0 } : plus(splitIndex(right!), leading)
}

function constantTerm(op: OpName, term: Expr | undefined): number | undefined {
  if (term?.kind !== 'const') return undefined
  if (op === 'i32.add') return term.value as number
  return op === 'i32.sub' ? -(term.value as number) : undefined
}

const plus = ({ variable, constant }: SplitIndex, more: number): SplitIndex => ({
  variable,
  constant: (constant + more) | 0,
})

/**
 * Address of an element: base + variable · size + constant · size.
 *
 * A constant part c > 0 goes to the offset of the instruction. That is exact although the offset does not wrap and the
 * index does: the access is in bounds, so 0 <= index < length, and base + (index - c) · size is the true address less
 * c · size modulo 2^32. Arrays begin at ARRAYS_FROM or higher, so for c · size <= ARRAYS_FROM that difference is not
 * negative: no borrow is lost.
 */
export function addressOf(
  frame: Frame,
  base: ExprRef,
  size: number,
  variable: ExprRef | undefined,
  constant: number,
): Address {
  const { out } = frame.unit
  const start = variable === undefined ? base : out.i32.add(base, scaled(frame, variable, size))
  const offset = constant * size
  if (offset >= 0 && offset <= ARRAYS_FROM) return { pointer: start, offset }
  return { pointer: out.i32.add(start, out.i32.const(offset | 0)), offset: 0 }
}

/** count · size, for sizes that are powers of two. */
export function scaled({ unit: { out } }: Frame, count: ExprRef, size: number): ExprRef {
  return size === 1 ? count : out.i32.shl(count, out.i32.const(Math.log2(size)))
}

/** What binaryen 132 offers but its type declarations leave out. */
interface LoadSign {
  readonly Load: { setSigned(load: ExprRef, isSigned: boolean): void }
}

/**
 * binaryen's JavaScript interface marks a load of a whole i32 as signed, and its optimiser then makes i64.load32_s of
 * i64.extend_i32_u over it: an element of a Uint32Array would come out negative.
 */
function loadWord({ unit: { wasm, out } }: Frame, { pointer, offset }: Address): ExprRef {
  const load = out.i32.load(offset, 4, pointer)
  const { Load } = wasm as typeof wasm & LoadSign
  Load.setSigned(load, false)
  return load
}

export function loadElement(frame: Frame, elem: Elem, address: Address): ExprRef {
  const { out } = frame.unit
  const { pointer, offset } = address
  switch (elem) {
    case 'i8':
      return out.i32.load8_s(offset, 1, pointer)
    case 'u8':
    case 'u8c':
      return out.i32.load8_u(offset, 1, pointer)
    case 'i16':
      return out.i32.load16_s(offset, 2, pointer)
    case 'u16':
      return out.i32.load16_u(offset, 2, pointer)
    case 'i32':
    case 'u32':
      return loadWord(frame, address)
    case 'f32':
      return out.f32.load(offset, 4, pointer)
    case 'f64':
      return out.f64.load(offset, 8, pointer)
  }
}

export function storeElement(frame: Frame, elem: Elem, { pointer, offset }: Address, value: ExprRef): ExprRef {
  const { out } = frame.unit
  switch (elem) {
    case 'i8':
    case 'u8':
    case 'u8c':
      return out.i32.store8(offset, 1, pointer, value)
    case 'i16':
    case 'u16':
      return out.i32.store16(offset, 2, pointer, value)
    case 'i32':
    case 'u32':
      return out.i32.store(offset, 4, pointer, value)
    case 'f32':
      return out.f32.store(offset, 4, pointer, value)
    case 'f64':
      return out.f64.store(offset, 8, pointer, value)
  }
}

import { BOX } from '../../compiler/ir/types.ts'
import type { Heap } from './memory.ts'

/** A JavaScript primitive that a box can hold (compiler/ir/types.ts tells the encoding). */
export type Boxed = number | boolean | undefined | null

const TAG = Number(BOX.undefined >> 32n) | 0
const NAN_HIGH = Number(BOX.canonicalNaN >> 32n) | 0
const low = (bits: bigint): number => Number(bits & 0xffff_ffffn)
const CODES = new Map<unknown, number>([
  [undefined, low(BOX.undefined)],
  [null, low(BOX.null)],
  [false, low(BOX.false)],
  [true, low(BOX.true)],
])
const VALUES = new Map<number, Boxed>([...CODES].map(([value, code]) => [code, value as Boxed]))

/** False when the value is none that a box can hold. `address` is a multiple of 8. */
export function writeBox(heap: Heap, address: number, value: unknown): boolean {
  if (typeof value === 'number') {
    if (!Number.isNaN(value)) heap.f64[address >> 3] = value
    else writeWords(heap, address, NAN_HIGH, 0)
    return true
  }
  const code = CODES.get(value)
  if (code === undefined) return false
  writeWords(heap, address, TAG, code)
  return true
}

export function readBox(heap: Heap, address: number): Boxed {
  if (heap.i32[(address >> 2) + 1] !== TAG) return heap.f64[address >> 3]!
  return VALUES.get(heap.i32[address >> 2]!)
}

function writeWords(heap: Heap, address: number, high: number, word: number): void {
  heap.i32[address >> 2] = word
  heap.i32[(address >> 2) + 1] = high
}

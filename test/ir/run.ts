import { CONTEXT, LIST_HEADER } from '../../compiler/abi.ts'
import { createInterpreter, ExitSignal, OutOfFuel } from '../../compiler/ir/interp.ts'
import type { Module } from '../../compiler/ir/ir.ts'
import { BOX } from '../../compiler/ir/types.ts'

/** Runs modules of `arbitrary.ts` in a memory of their own and tells everything that a caller could see. */

const CONTEXT_AT = 64
const ARRAYS_AT = 2048
const ARENA_AT = 16_384
const MEMORY_BYTES = 1 << 18

export type Outcome =
  | { readonly end: 'exit' | 'fuel' | 'stack' }
  | {
      readonly end: 'return'
      readonly result: number | undefined
      readonly slots: readonly number[]
      readonly arrays: readonly (readonly number[])[]
      readonly lists: readonly (readonly (number | bigint)[])[]
    }

export interface Inputs {
  readonly n: number
  readonly x: number
  /** Elements of each array, and how far `b` begins inside `a`. */
  readonly length: number
  readonly shift: number
}

interface Memory {
  readonly view: DataView
  readonly args: readonly number[]
}

const VALUES = [1, -2.5, 0, -0, Number.NaN, 1e10, 3, Infinity]

function prepare({ n, x, length, shift }: Inputs): Memory {
  const view = new DataView(new ArrayBuffer(MEMORY_BYTES))
  view.setUint32(CONTEXT_AT + CONTEXT.arenaTop, ARENA_AT, true)
  view.setUint32(CONTEXT_AT + CONTEXT.arenaEnd, MEMORY_BYTES, true)
  const [a, c, d, e, l, m] = [0, 1024, 2048, 2304, 3072, 3584].map(at => ARRAYS_AT + at) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  for (let index = 0; index < 2 * length; index++) view.setFloat64(a + 8 * index, VALUES[index % 8] as number, true)
  for (let index = 0; index < length; index++) {
    view.setInt32(c + 4 * index, index * 7 - 3, true)
    view.setUint8(d + index, index * 50)
    view.setFloat32(e + 4 * index, VALUES[(index + 3) % 8] as number, true)
  }
  writeListOf(view, l, length, (at, index) => view.setFloat64(at, VALUES[(index + 1) % 8] as number, true))
  writeListOf(view, m, length, (at, index) => view.setBigUint64(at, index % 2 ? BOX.undefined : BOX.true, true))
  return {
    view,
    args: [n, x, a, length, a + 8 * Math.min(shift, length), length, c, length, d, length, e, length, l, m],
  }
}

function writeListOf(view: DataView, at: number, length: number, write: (at: number, index: number) => void): void {
  const data = at + 32
  view.setInt32(at + LIST_HEADER.data, data, true)
  view.setInt32(at + LIST_HEADER.length, length, true)
  view.setInt32(at + LIST_HEADER.capacity, length, true)
  for (let index = 0; index < length; index++) write(data + 8 * index, index)
}

function hosts(): Record<string, (...args: number[]) => number> {
  let seed = 0
  return {
    'Math.sin': Math.sin,
    'Math.exp': Math.exp,
    'Math.pow': Math.pow,
    'Math.hypot/3': Math.hypot,
    'Math.random': () => (seed = (seed * 0.7 + 0.13) % 1),
  }
}

/** Never catches an InvariantError: a law that is broken fails the test. */
export function run(module: Module, inputs: Inputs, fuel: number): Outcome {
  const { view, args } = prepare(inputs)
  const interpreter = createInterpreter(module, { memory: view.buffer, context: CONTEXT_AT, hosts: hosts(), fuel })
  try {
    const result = interpreter.run(...args)
    return { end: 'return', result, ...observe(view, args, module.slots, inputs.length) }
  } catch (error) {
    if (error instanceof ExitSignal) return { end: 'exit' }
    if (error instanceof OutOfFuel) return { end: 'fuel' }
    if (error instanceof RangeError && /call stack/.test(error.message)) return { end: 'stack' }
    throw error
  }
}

/** NaNs read as numbers are alike, whatever their bits. */
function observe(view: DataView, args: readonly number[], slots: number, length: number) {
  const [, , a, , b, , c, , d, , e, , l, m] = args as number[]
  const elements = <T>(count: number, read: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => read(i))
  const f64s = (at: number | undefined, count: number): number[] =>
    elements(count, index => view.getFloat64((at ?? 0) + 8 * index, true))
  const list = (at: number): { data: number; count: number } => ({
    data: view.getInt32(at + LIST_HEADER.data, true),
    count: view.getInt32(at + LIST_HEADER.length, true),
  })
  const numbers = list(l as number)
  const boxes = list(m as number)
  return {
    slots: f64s(CONTEXT_AT + CONTEXT.slots, slots),
    arrays: [
      f64s(a, 2 * length),
      f64s(b, length),
      elements(length, index => view.getInt32((c ?? 0) + 4 * index, true)),
      elements(length, index => view.getUint8((d ?? 0) + index)),
      elements(length, index => view.getFloat32((e ?? 0) + 4 * index, true)),
    ],
    lists: [
      f64s(numbers.data, numbers.count),
      elements(boxes.count, index => view.getBigUint64(boxes.data + 8 * index, true)),
    ],
  }
}

export const INPUTS: readonly Inputs[] = [
  { n: 3, x: 1.5, length: 5, shift: 2 },
  { n: 0, x: Number.NaN, length: 0, shift: 0 },
  { n: -1, x: -0, length: 8, shift: 8 },
  { n: 2 ** 31 - 1, x: 4294967297.5, length: 3, shift: 0 },
]

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIST_HEADER } from '../../compiler/abi.ts'
import { createInterpreter, ExitSignal, OutOfFuel } from '../../compiler/ir/interp.ts'
import type { Module } from '../../compiler/ir/ir.ts'
import { BOX } from '../../compiler/ir/types.ts'
import { modules } from '../ir/arbitrary.ts'
import {
  build,
  CONTEXT_AT,
  DATA_AT,
  f64s,
  type HostFunction,
  memory,
  readF64s,
  reset,
  slotAt,
  status,
  view,
} from './machine.ts'

const FUEL = 20_000
const RUNS = 300
const VALUES = [1, -2.5, 0, -0, Number.NaN, 1e10, 3, Infinity]

interface Inputs {
  readonly n: number
  readonly x: number
  readonly length: number
  /** How far `b` begins inside `a`. */
  readonly shift: number
}
const INPUTS: readonly Inputs[] = [
  { n: 3, x: 1.5, length: 5, shift: 2 },
  { n: 0, x: Number.NaN, length: 0, shift: 0 },
  { n: -1, x: -0, length: 8, shift: 8 },
  { n: 2 ** 31 - 1, x: 4294967297.5, length: 3, shift: 0 },
]

/** Where each argument of `arbitrary.ts` lies. */
const AT = { a: DATA_AT, c: DATA_AT + 1024, d: DATA_AT + 2048, e: DATA_AT + 3072, l: DATA_AT + 4096, m: DATA_AT + 5120 }

function prepare({ n, x, length, shift }: Inputs): number[] {
  reset()
  const at = (index: number): number => VALUES[index % VALUES.length]!
  f64s(
    AT.a,
    Array.from({ length: 2 * length }, (_, index) => at(index)),
  )
  const range = Array.from({ length }, (_, index) => index)
  new Int32Array(memory.buffer, AT.c, length).set(range.map(index => index * 7 - 3))
  new Uint8Array(memory.buffer, AT.d, length).set(range.map(index => index * 50))
  new Float32Array(memory.buffer, AT.e, length).set(range.map(index => at(index + 3)))
  list(AT.l, length)
  f64s(
    AT.l + 32,
    range.map(index => at(index + 1)),
  )
  list(AT.m, length)
  new BigUint64Array(memory.buffer, AT.m + 32, length).set(range.map(index => (index % 2 ? BOX.undefined : BOX.true)))
  return [n, x, AT.a, length, AT.a + 8 * shift, length, AT.c, length, AT.d, length, AT.e, length, AT.l, AT.m]
}

function list(at: number, length: number): void {
  new Int32Array(memory.buffer, at, 3).set([at + 32, length, length])
}

/** All that a caller could see afterwards. NaNs are read as numbers, so that they are alike whatever their bits. */
function observe(slots: number, length: number): unknown {
  const header = (at: number): [number, number] => [
    view.getInt32(at + LIST_HEADER.data, true),
    view.getInt32(at + LIST_HEADER.length, true),
  ]
  const [boxes, count] = header(AT.m)
  return {
    slots: readF64s(slotAt(0), slots),
    a: readF64s(AT.a, 2 * length),
    c: [...new Int32Array(memory.buffer, AT.c, length)],
    d: [...new Uint8Array(memory.buffer, AT.d, length)],
    e: [...new Float32Array(memory.buffer, AT.e, length)],
    l: readF64s(...header(AT.l)),
    m: [...new BigUint64Array(memory.buffer, boxes, count)],
  }
}

function randomHosts(): Record<string, HostFunction> {
  let seed = 0
  return {
    'Math.sin': Math.sin,
    'Math.exp': Math.exp,
    'Math.pow': Math.pow,
    'Math.hypot/3': Math.hypot,
    'Math.random': () => (seed = (seed * 0.7 + 0.13) % 1),
  }
}

type Outcome =
  | { readonly end: 'fuel' }
  | { readonly end: 'exit'; readonly status: number }
  | { readonly end: 'return'; readonly result: unknown; readonly seen: unknown }

function interpret(module: Module, inputs: Inputs): Outcome {
  const args = prepare(inputs)
  const interpreter = createInterpreter(module, {
    memory: memory.buffer,
    context: CONTEXT_AT,
    hosts: randomHosts(),
    fuel: FUEL,
  })
  try {
    const result = interpreter.run(...args)
    return { end: 'return', result, seen: observe(module.slots, inputs.length) }
  } catch (error) {
    if (error instanceof ExitSignal) return { end: 'exit', status: error.status }
    if (error instanceof OutOfFuel) return { end: 'fuel' }
    throw error
  }
}

async function execute(module: Module, inputs: Inputs, optimize: 0 | 1): Promise<Outcome> {
  const { run } = await build(module, { optimize }, randomHosts())
  const args = prepare(inputs)
  try {
    const result = run(...args)
    return { end: 'return', result, seen: observe(module.slots, inputs.length) }
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return { end: 'exit', status: status() }
    throw error
  }
}

describe('random modules do in Wasm what the interpreter does', () => {
  it.each([0, 1] as const)('optimize %d', async optimize => {
    let returned = 0
    const property = fc.asyncProperty(modules(), fc.constantFrom(...INPUTS), async (module, inputs) => {
      const want = interpret(module, inputs)
      if (want.end === 'fuel') return
      if (want.end === 'return') returned++
      expect(await execute(module, inputs, optimize)).toEqual(want)
    })
    await fc.assert(property, { numRuns: RUNS, seed: 20 + optimize, interruptAfterTimeLimit: 20_000 })
    expect(returned).toBeGreaterThan(RUNS / 2)
  })
})

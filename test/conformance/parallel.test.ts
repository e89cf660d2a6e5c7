import { describe, expect, test } from 'vitest'
import type { CompileOptions, CompileRequest } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { Scrambler } from '../parallel/scrambler.ts'
import { OPTIONS, requestFor } from '../program/support.ts'
import { CASES, type Case } from './cases.ts'
import { Machine, reference, same, show } from './machine.ts'
import { loopProgram } from './simd-programs.ts'
import { SHAPES as BASIC, type Shape } from './simd-shapes.ts'
import { SEARCHES } from './simd-shapes-search.ts'

/**
 * The conformance suites once more, with every loop that may be shared cut into small parts that run in random order:
 * rounds that depend on each other give other results then.
 */
const SHAPES = [...BASIC, ...SEARCHES]
const LENGTHS = [0, 1, 2, 5, 17, 33, 70]
/** Fast sums are cut into blocks: whole ones, and a rest. */
const LONG = 16_411
const PROGRAMS = Number(process.env.IRIS_PARALLEL_PROGRAMS ?? 20)
const SEED = Number(process.env.IRIS_PARALLEL_SEED ?? 1)

type Fn = (...args: never[]) => unknown
let shared = 0

async function prepare(fn: Fn, args: readonly unknown[], options: Partial<CompileOptions>, seed: number) {
  const capture = captureGraph(fn)
  const request: CompileRequest = { ...capture.describeCall([...args]), options: { ...OPTIONS, grain: 1, ...options } }
  const answer = await compile(request, { verify: true })
  if (!answer.ok) throw new Error(answer.diagnostics.map(({ message }) => message).join('\n'))
  const machine = new Machine(capture.values)
  const scrambler = new Scrambler(machine.memory, seed)
  machine.context.sharing = scrambler
  const run = machine.wasm(answer)
  const attempt = (given: readonly unknown[]): ReturnType<Machine['attempt']> => {
    const found = machine.attempt(answer.plan, run, given)
    shared += scrambler.loops
    scrambler.loops = 0
    return found
  }
  return { attempt }
}

describe.each(SHAPES.map(shape => [shape.name, shape] as const))('%s', (_name, shape: Shape) => {
  test('strict: the bits of JavaScript', async () => {
    const { attempt } = await prepare(shape.fn, shape.args(20), { tier: 'parallel' }, 7)
    for (const n of LENGTHS) {
      const wanted = reference(shape.fn, shape.args(n))
      const found = attempt(shape.args(n))
      expect(same(found, wanted), `n = ${n}: ${show(found)}, JavaScript ${show(wanted)}`).toBe(true)
    }
  })
})

const SUMS = SHAPES.filter(({ fast, fn }) => fast !== undefined && /return/.test(String(fn)))
test.each(SUMS.map(shape => [shape.name, shape] as const))('fast %s: the bits of one thread', async (_name, shape) => {
  const one = await prepare(shape.fn, shape.args(20), { tier: 'simd', math: 'fast' }, 0)
  const many = await prepare(shape.fn, shape.args(20), { tier: 'parallel', math: 'fast' }, 8)
  for (const n of [0, 31, 40, LONG])
    expect(same(many.attempt(shape.args(n)), one.attempt(shape.args(n))), `n = ${n}`).toBe(true)
})

const LOOPS = CASES.filter(({ fn }) => /\bfor\b|\bwhile\b|\.(map|forEach|reduce)\b/.test(String(fn)))
test.each(LOOPS.map(one => [one.name, one] as const))('table: %s', async (_name, one: Case) => {
  const calls = one.calls()
  const kernels = new Map<string, Awaited<ReturnType<typeof prepare>>>()
  for (const [index, args] of calls.entries()) {
    const key = JSON.stringify(captureGraph(one.fn).describeCall(structuredClone([...args])).profile)
    const kernel = kernels.get(key) ?? (await prepare(one.fn, structuredClone(args), { tier: 'parallel' }, index))
    kernels.set(key, kernel)
    const wanted = reference(one.fn, structuredClone(args))
    const found = kernel.attempt(structuredClone(args))
    if ('declined' in found) expect('error' in wanted || (one.leaves?.includes(index) ?? false)).toBe(true)
    else expect(same(found, wanted), `call ${index}: ${show(found)}, JavaScript ${show(wanted)}`).toBe(true)
  }
})

test('many of these loops are shared', () => expect(shared).toBeGreaterThan(100))

test(`${PROGRAMS} random loops`, { timeout: 3_600_000 }, async () => {
  let loops = 0
  for (let seed = SEED; seed < SEED + PROGRAMS; seed++) {
    const program = loopProgram(seed * 1_000_003)
    const machine = new Machine({ functions: [program.fn], free: [new Map()] })
    const request = requestFor(program.fn, program.args(20), {}, { tier: 'parallel', grain: 1 })
    const answer = await compile(request, { verify: true })
    if (!answer.ok) throw new Error(answer.diagnostics.map(({ message }) => message).join('\n'))
    const scrambler = new Scrambler(machine.memory, seed)
    machine.context.sharing = scrambler
    const run = machine.wasm(answer)
    for (const n of [0, 1, 7, 33]) {
      const wanted = reference(program.fn, program.args(n))
      const found = machine.attempt(answer.plan, run, program.args(n))
      if (!('declined' in found)) expect(same(found, wanted), `seed ${seed}, n = ${n}\n${program.source}`).toBe(true)
    }
    loops += scrambler.loops
  }
  expect(loops).toBeGreaterThan(0)
})

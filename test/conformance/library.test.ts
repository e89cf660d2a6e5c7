import { describe, expect, test } from 'vitest'
import type { CompileRequest } from '../../compiler/abi.ts'
import { compile, optimise } from '../../compiler/compile.ts'
import { completePlan, lower } from '../../compiler/program/lower.ts'
import type { CaptureRefs } from '../../compiler/source/capture.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { offload } from '../../src/index.ts'
import { kernels } from '../../src/kernels/index.ts'
import { Scrambler } from '../parallel/scrambler.ts'
import { OPTIONS } from '../program/support.ts'
import { LIBRARY_CASES, type LibraryCase } from './library-cases.ts'
import { type Attempt, Machine, type Outcome, reference, same, show } from './machine.ts'

/**
 * Calls of the kernel library inside kernels: the bits of the library, in the interpreter and in every tier. What the library
 * refuses, compiled code leaves to it; what does not compile is what it refuses whatever the values are.
 */
type Tier = readonly [name: string, attempt: (args: readonly unknown[]) => Attempt]

const TIERS = ['scalar', 'simd', 'parallel'] as const

/** A machine whose shared loops run in small parts, in random order. */
function scrambled(values: CaptureRefs): { readonly machine: Machine; readonly scrambler: Scrambler } {
  const machine = new Machine(values)
  const scrambler = new Scrambler(machine.memory, 11)
  machine.context.sharing = scrambler
  return { machine, scrambler }
}

async function tiersOf(machine: Machine, shared: Machine, request: CompileRequest): Promise<Tier[] | string> {
  const found: Tier[] = []
  for (const tier of TIERS) {
    const wanted = { ...request, options: { ...request.options, tier, grain: 1 } }
    const answer = await compile(wanted, { verify: true })
    if (!answer.ok) return answer.diagnostics.map(({ code }) => code).join()
    const own = tier === 'parallel' ? shared : machine
    const wasm = own.wasm(answer)
    found.push([tier, args => own.attempt(answer.plan, wasm, args)])
  }
  const lowered = lower(request)
  const { module } = optimise(lowered.module, request)
  for (const [name, ir] of [
    ['lowered', lowered.module],
    ['optimised', module],
  ] as const) {
    const plan = completePlan(lowered.plan, ir)
    found.push([name, args => machine.attempt(plan, machine.interpreter(ir, plan), args)])
  }
  return found
}

const withoutValues = (key: string, value: unknown): unknown => (key === 'value' ? undefined : value)

/** An array that is returned is the same argument, or a new one. */
const returned = ({ value, args }: Outcome): number => (typeof value === 'object' ? args.indexOf(value) : -1)

function agree(found: Attempt, wanted: Outcome, where: string): void {
  if ('declined' in found) {
    expect('error' in wanted, `${where} left for JavaScript: ${found.declined}`).toBe(true)
    return
  }
  expect('error' in wanted, `${where} should have left for JavaScript`).toBe(false)
  const text = `${where} gave ${show(found.value)}, JavaScript ${show(wanted.value)}`
  expect(same(found.value, wanted.value), text).toBe(true)
  expect(returned(found), `which array ${where} returns`).toBe(returned(wanted))
  expect(same(found.args, wanted.args), `${where} left ${show(found.args)}, JavaScript ${show(wanted.args)}`).toBe(true)
}

async function runAll({ fn, calls }: LibraryCase): Promise<{ ran: number; loops: number }> {
  const capture = captureGraph(fn)
  const machine = new Machine(capture.values)
  const compiled = new Map<string, Tier[] | string>()
  const { machine: shared, scrambler } = scrambled(capture.values)
  let ran = 0
  for (const call of calls) {
    const request = { ...capture.describeCall([...call()]), options: OPTIONS }
    const key = JSON.stringify(request.profile, withoutValues)
    const tiers = compiled.get(key) ?? (await tiersOf(machine, shared, request))
    compiled.set(key, tiers)
    const wanted = reference(fn, call())
    const where = `(${show(call())})`.slice(0, 300)
    if (typeof tiers === 'string') {
      expect(tiers, where).toBe('IRIS2009')
      expect('error' in wanted, `${where} did not compile`).toBe(true)
    } else {
      for (const [tier, attempt] of tiers) agree(attempt(call()), wanted, `${tier}${where}`)
      if (!('error' in wanted)) ran++
    }
  }
  return { ran, loops: scrambler.loops }
}

describe('functions of the kernel library inside kernels', () => {
  test.each(LIBRARY_CASES.map(one => [one.name, one] as const))('%s', async (_name, one) => {
    const { ran, loops } = await runAll(one)
    expect(loops > 0, 'whether a loop is shared').toBe(one.shares === true)
    expect(ran > 0 || one.name === 'scale by what is none').toBe(true)
  })

  test('the error is the one of the library', async () => {
    const distance = offload((x: Float64Array, y: Float64Array) => kernels.euclidean(x, y))
    await distance.warmup(new Float64Array(3), new Float64Array(3))
    expect(distance(Float64Array.of(0, 3), Float64Array.of(4, 0))).toBe(5)
    expect(distance.stats().calls.js).toBe(0)
    expect(() => distance(new Float64Array(3), new Float64Array(2))).toThrow(
      expect.objectContaining({ code: 'IRIS4102' }),
    )
    const shift = offload((x: Float64Array, out: Float64Array) => kernels.add(x, 1, out))
    await shift.warmup(new Float64Array(3), new Float64Array(3))
    const room = new Float64Array(4)
    expect(() => shift(room.subarray(0, 3), room.subarray(1))).toThrow(expect.objectContaining({ code: 'IRIS4103' }))
  })

  test.each([
    ['sort', (x: Float64Array) => kernels.sort(x, x)],
    ['xxhash64', (x: Float64Array) => kernels.xxhash64(x) === 1n],
    ['async.dot', (x: Float64Array) => kernels.async.dot(x, x)],
  ])('%s does not compile, and says why', async (name, fn) => {
    const capture = captureGraph(fn)
    const answer = await compile({ ...capture.describeCall([new Float64Array(3)]), options: OPTIONS })
    expect(answer).toMatchObject({ ok: false, diagnostics: [{ code: 'IRIS2009' }] })
    if (answer.ok) return
    const [{ message, fix, span }] = answer.diagnostics as [(typeof answer.diagnostics)[number]]
    expect(message).toContain(`\`${name}\``)
    expect(fix).toContain('outside of the kernel')
    expect(span).toBeDefined()
  })
})

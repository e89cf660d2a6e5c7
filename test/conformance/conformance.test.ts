import { describe, expect, test } from 'vitest'
import type { CompileRequest } from '../../compiler/abi.ts'
import { compile, optimise } from '../../compiler/compile.ts'
import { completePlan, lower } from '../../compiler/program/lower.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { OPTIONS } from '../program/support.ts'
import { CASES, type Case } from './cases.ts'
import { type Attempt, Machine, reference, same, show } from './machine.ts'

/** One table of functions, run as JavaScript, in the interpreter (as lowered and optimised) and as Wasm. */
describe.each(CASES.map(one => [one.name, one] as const))('%s', (_name, one) => {
  test.each([true, false])('speculation %s', async speculateIntegers => {
    const capture = captureGraph(one.fn)
    const machine = new Machine(capture.values)
    const compiled = new Map<string, Awaited<ReturnType<typeof tiers>>>()
    const calls = one.calls()
    for (let i = 0; i < calls.length; i++) {
      const args = (): readonly unknown[] => structuredClone(calls[i]!)
      const request: CompileRequest = { ...capture.describeCall(args()), options: { ...OPTIONS, speculateIntegers } }
      const key = JSON.stringify(request.profile)
      if (!compiled.has(key)) compiled.set(key, await tiers(machine, request))
      for (const [tier, attempt] of compiled.get(key)!) check(one, i, tier, args, attempt, speculateIntegers)
    }
  })
})

type Tier = readonly [name: string, attempt: (args: readonly unknown[]) => Attempt]

async function tiers(machine: Machine, request: CompileRequest): Promise<Tier[]> {
  const answer = await compile(request, { verify: true })
  if (!answer.ok) throw new Error(answer.diagnostics.map(d => `${d.code} ${d.message}`).join('\n'))
  const lowered = lower(request)
  const optimised = optimise(lowered.module, request).module
  const plan = { ...completePlan(lowered.plan, lowered.module) }
  const optimisedPlan = completePlan(lowered.plan, optimised)
  const wasm = machine.wasm(answer)
  return [
    ['lowered', args => machine.attempt(plan, machine.interpreter(lowered.module, plan), args)],
    ['optimised', args => machine.attempt(optimisedPlan, machine.interpreter(optimised, optimisedPlan), args)],
    ['wasm', args => machine.attempt(answer.plan, wasm, args)],
  ]
}

function check(
  one: Case,
  index: number,
  tier: string,
  args: () => readonly unknown[],
  attempt: Tier[1],
  speculates: boolean,
): void {
  const wanted = reference(one.fn, args())
  const found = attempt(args())
  const where = `${tier}(${args().map(show).join(', ')})`
  if ('declined' in found) {
    const expected = 'error' in wanted || (one.leaves?.includes(index) ?? false)
    if (!expected) expect.fail(`${where} left for JavaScript: ${found.declined}`)
    return
  }
  if ('error' in wanted || (speculates && one.leaves?.includes(index) && tier === 'lowered'))
    expect.fail(`${where} should have left for JavaScript`)
  expect(same(found.value, wanted.value), `${where} gave ${show(found.value)}, JavaScript ${show(wanted.value)}`).toBe(
    true,
  )
  expect(same(found.args, wanted.args), `${where} left ${show(found.args)}, JavaScript ${show(wanted.args)}`).toBe(true)
}

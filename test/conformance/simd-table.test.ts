import { expect, test } from 'vitest'
import type { CompileRequest } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { OPTIONS } from '../program/support.ts'
import { CASES, type Case } from './cases.ts'
import { Machine, reference, same, show } from './machine.ts'

/** The table of conformance.test.ts once more, compiled with vectors. */
test.each(CASES.map(one => [one.name, one] as const))('%s', async (_name, one) => {
  const capture = captureGraph(one.fn)
  const machine = new Machine(capture.values)
  const kernels = new Map<string, Awaited<ReturnType<typeof build>>>()
  const calls = one.calls()
  for (let i = 0; i < calls.length; i++) {
    const request: CompileRequest = {
      ...capture.describeCall(structuredClone(calls[i]!)),
      options: { ...OPTIONS, tier: 'simd' },
    }
    const key = JSON.stringify(request.profile)
    const { plan, run } = kernels.get(key) ?? (await build(machine, request))
    kernels.set(key, { plan, run })
    const found = machine.attempt(plan, run, structuredClone(calls[i]!))
    check(one, i, found)
  }
})

async function build(machine: Machine, request: CompileRequest) {
  const answer = await compile(request, { verify: true })
  if (!answer.ok) throw new Error(answer.diagnostics.map(d => `${d.code} ${d.message}`).join('\n'))
  return { plan: answer.plan, run: machine.wasm(answer) }
}

function check(one: Case, index: number, found: ReturnType<Machine['attempt']>): void {
  const wanted = reference(one.fn, structuredClone(one.calls()[index]!))
  if ('declined' in found) {
    const expected = 'error' in wanted || (one.leaves?.includes(index) ?? false)
    expect(expected, `call ${index} left for JavaScript: ${found.declined}`).toBe(true)
    return
  }
  expect(same(found, wanted), `call ${index}: ${show(found)}, JavaScript ${show(wanted)}`).toBe(true)
}

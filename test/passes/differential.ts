import fc from 'fast-check'
import { expect } from 'vitest'
import type { Module } from '../../compiler/ir/ir.ts'
import { printModule } from '../../compiler/ir/text.ts'
import { verifyOrThrow } from '../../compiler/ir/verify.ts'
import { type Pass, silent } from '../../compiler/passes/pass.ts'
import { modules } from '../ir/arbitrary.ts'
import { INPUTS, run } from '../ir/run.ts'

const FUEL = 20_000

/**
 * Runs random modules before and after the passes: an exit-free run must stay the same to the bit; what exits may exit
 * anywhere. Runs that take too long or too much stack before are not compared.
 */
export function sameBehaviour(passes: readonly Pass[], numRuns: number): void {
  fc.assert(
    fc.property(modules(), module => compare(module, passes)),
    { numRuns: Number(process.env.IRIS_PROPERTY_RUNS ?? numRuns), interruptAfterTimeLimit: 50_000 },
  )
}

export function compare(module: Module, passes: readonly Pass[]): void {
  const after = passes.reduce((made, pass) => checked(pass, made), module)
  for (const inputs of INPUTS) {
    const expected = run(module, inputs, FUEL)
    if (expected.end !== 'return') continue
    expect(run(after, inputs, 4 * FUEL), `${JSON.stringify(inputs)} after\n${printModule(after)}`).toEqual(expected)
  }
}

function checked(pass: Pass, module: Module): Module {
  const made = pass.run(module, silent)
  verifyOrThrow(made, 'optimised', pass.name)
  if (made !== module) expect(printModule(made), `${pass.name} tells of a change`).not.toBe(printModule(module))
  return made
}

import { describe, expect, test } from 'vitest'
import { printModule } from '../../compiler/ir/text.ts'
import { verifyOrThrow } from '../../compiler/ir/verify.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { PIPELINE } from '../../compiler/pipeline.ts'
import { randomKernel } from './js-loops.ts'
import { type LoweredKernel, lowerKernel, NUMBERS, runKernel } from './js-run.ts'
import { random } from './random.ts'

/** Random kernels through the whole pipeline: an optimised run gives the same bits, or leaves the call. */
const PROGRAMS = Number(process.env.IRIS_PROPERTY_RUNS ?? 300)
const FIRST = Number(process.env.IRIS_SEED ?? 1)
const SIZES = [
  [9, 6, 8, 5],
  [4, 2, 8, 0],
] as const

/** undefined where the text asks for something outside of the language. */
function lowered(text: string, speculateIntegers: boolean): LoweredKernel | undefined {
  try {
    return lowerKernel(text, speculateIntegers)
  } catch (error) {
    if (error instanceof Error && error.name === 'Miss') return undefined
    throw error
  }
}

function optimise(kernel: LoweredKernel): LoweredKernel['module'] {
  return PIPELINE.reduce((module, pass) => {
    const made = pass.run(module, silent)
    verifyOrThrow(made, 'optimised', pass.name)
    return made
  }, kernel.module)
}

describe('random kernels', () => {
  test.each([true, false])('speculation %s', speculation => {
    let compared = 0
    let left = 0
    for (let seed = FIRST; seed < FIRST + PROGRAMS; seed++) {
      const text = randomKernel(random(seed))
      const kernel = lowered(text, speculation)
      if (!kernel) continue
      const module = optimise(kernel)
      for (const numbers of NUMBERS) {
        for (const sizes of SIZES) {
          const wanted = runKernel(kernel, kernel.module, numbers, sizes, 3000)
          if (wanted.end !== 'return') continue
          const found = runKernel(kernel, module, numbers, sizes, 12_000)
          compared++
          if (found.end === 'exit') left++
          else expect(found, `seed ${seed} with ${numbers} ${sizes}\n${text}\n${printModule(module)}`).toEqual(wanted)
        }
      }
    }
    // exits cost nothing in correctness, and everything in use: they must stay rare
    expect(left).toBeLessThan(compared / 20)
  })
})

import { sizeOf } from '../ir/control.ts'

import type { Unit } from './frame.ts'

/**
 * What is left to do after our own passes and before V8's: make the expression trees that the emitter's temporaries
 * stand for, and drop what it emitted too generously. binaryen's own -O3 takes 3 to 4 times as long (1.5 against 0.4 ms for
 * a kernel of 20 statements, once warm; on a cold start several tens of milliseconds) for code that V8 runs at the
 * same speed: measured over 14 kernels on Node 20 and 24, only the inlining of fmod made a difference, and its fast
 * path is now expanded in place (operators.ts).
 */
const PASSES = [
  'optimize-instructions',
  'precompute',
  'simplify-locals',
  'vacuum',
  'remove-unused-brs',
  'merge-blocks',
  'coalesce-locals',
  'reorder-locals',
  'vacuum',
] as const

/** simplify-locals and coalesce-locals grow with the square of a function (20,000 statements took 8 s). */
const LARGE = 12_000
const LINEAR_PASSES = [
  'optimize-instructions',
  'precompute',
  'vacuum',
  'remove-unused-brs',
  'merge-blocks',
  'vacuum',
] as const

/** The functions compiled from IR only: support functions and kernels are small or optimised already. */
export function optimize({ wasm, out, source }: Unit): void {
  wasm.setOptimizeLevel(2)
  wasm.setShrinkLevel(0)
  for (const func of source.funcs)
    out.runPassesOnFunction(func.name, sizeOf(func.body) > LARGE ? LINEAR_PASSES : PASSES)
}

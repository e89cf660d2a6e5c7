import type { CompileOptions } from './abi.ts'
import { parallelize } from './parallel/parallelize.ts'
import { bounds } from './passes/bounds.ts'
import { counted } from './passes/counted.ts'
import { cse } from './passes/cse.ts'
import { dce } from './passes/dce.ts'
import { fold } from './passes/fold.ts'
import { induction } from './passes/induction.ts'
import { inline } from './passes/inline.ts'
import { licm } from './passes/licm.ts'
import { narrow } from './passes/narrow.ts'
import type { Pass } from './passes/pass.ts'
import { contract } from './vector/contract.ts'
import { fastMath } from './vector/fast-math.ts'
import { fastSingle } from './vector/fast-single.ts'
import { jam } from './vector/jam.ts'
import { vectorize } from './vector/vectorize.ts'

/** The passes in the order in which they run. */
export const PIPELINE: readonly Pass[] = [
  fold,
  inline,
  fold,
  cse,
  dce,
  counted,
  induction,
  narrow,
  fold,
  licm,
  cse,
  fold,
  dce,
  bounds,
  fold,
  narrow,
  fold,
  licm,
  cse,
  fold,
  dce,
]

/**
 * The passes for a request. What is compiled with `math: 'fast'` is vectorised in every tier: its reductions must have
 * the same bits everywhere.
 */
export function pipelineFor(options: Pick<CompileOptions, 'tier' | 'math' | 'contract' | 'grain'>): readonly Pass[] {
  if (options.tier === 'scalar' && options.math === 'strict') return PIPELINE
  const first = options.math === 'fast' ? [fastMath] : []
  const single = options.math === 'fast' ? [fastSingle, cse, dce] : []
  const shared = options.tier === 'parallel' ? [parallelize(options, false)] : []
  const sums = options.tier === 'parallel' && options.math === 'fast' ? [parallelize(options, true)] : []
  const last = options.contract ? [contract] : []
  return [...first, ...PIPELINE, ...single, ...shared, jam, vectorize(options), fold, cse, licm, dce, ...sums, ...last]
}

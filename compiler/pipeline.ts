import { bounds } from './passes/bounds.ts'
import { counted } from './passes/counted.ts'
import { cse } from './passes/cse.ts'
import { dce } from './passes/dce.ts'
import { fold } from './passes/fold.ts'
import { inline } from './passes/inline.ts'
import { licm } from './passes/licm.ts'
import { narrow } from './passes/narrow.ts'
import type { Pass } from './passes/pass.ts'

/** The passes in the order in which they run. */
export const PIPELINE: readonly Pass[] = [
  fold,
  inline,
  fold,
  cse,
  dce,
  counted,
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

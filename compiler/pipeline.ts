import { cse } from './passes/cse.ts'
import { dce } from './passes/dce.ts'
import { fold } from './passes/fold.ts'
import { inline } from './passes/inline.ts'
import type { Pass } from './passes/pass.ts'

/** The passes in the order in which they run. */
export const PIPELINE: readonly Pass[] = [fold, inline, fold, cse, dce]

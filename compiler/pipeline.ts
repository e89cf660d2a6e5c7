import { fold } from './passes/fold.ts'
import type { Pass } from './passes/pass.ts'

/** The passes in the order in which they run. */
export const PIPELINE: readonly Pass[] = [fold]

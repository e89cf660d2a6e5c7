import { fileURLToPath } from 'node:url'

/**
 * Worker threads and data files are addressed by URL. Sources run either built (dist/) or, in tests, straight from
 * the checkout; threads always need the built file.
 */
const here = import.meta.url
const runsFromSource = here.endsWith('.ts')
const distRoot = new URL(runsFromSource ? '../dist/' : '../', here)

/** URL of a built file, e.g. builtFile('runtime/exec/worker.js'). */
export const builtFile = (path: string): URL => new URL(path, distRoot)
export const builtPath = (path: string): string => fileURLToPath(builtFile(path))

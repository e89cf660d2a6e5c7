import { MUTANTS } from './mutants.ts'
import { plant } from './plant.ts'
import { VECTOR_MUTANTS } from './vector-mutants.ts'

/** Where calls of the kernel library are compiled. */
const LIBRARY_FILES = /\/(kernel-calls|kernel-arguments|primitives)\.ts$/

/** `child.js <mutant, or -1 or -2 for none> <programs>`: plants the defect and hunts for it; one line of JSON tells the outcome. */
const [index = '', limit = ''] = process.argv.slice(2)
const mutant = MUTANTS[Number(index)]
if (mutant) plant(mutant)
const isVector = index === '-2' || (mutant !== undefined && VECTOR_MUTANTS.includes(mutant))
const { hunt } = isVector ? await import('./vector-hunt.ts') : await import('./hunt.ts')
const isLibrary = mutant !== undefined && LIBRARY_FILES.test(mutant.file)
console.log(JSON.stringify(await hunt(Number(limit), isLibrary || undefined)))

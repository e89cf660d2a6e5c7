import { plant } from '../mutants/plant.ts'
import { MUTANTS } from './mutants.ts'

/** `child.js <mutant or -1> <steps> <seed>`: plants the defect and simulates; one line of JSON tells what was found. */
const [index = '', steps = '', seed = '1'] = process.argv.slice(2)
const mutant = MUTANTS[Number(index)]
if (mutant) plant(mutant)
const { simulate } = await import('./driver.ts')
console.log(JSON.stringify(await simulate(Number(seed), Number(steps))))

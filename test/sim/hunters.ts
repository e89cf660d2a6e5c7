import { inParallel } from '../mutants/run.ts'
import { hunt } from './hunt.ts'
import { MUTANTS } from './mutants.ts'

/** `node dist/test/sim/hunters.js [part of a name …]`: which planted defects the simulation catches, and when. */
const wanted = process.argv.slice(2)
const indices = MUTANTS.flatMap(({ name }, i) =>
  wanted.length === 0 || wanted.some(part => name.includes(part)) ? [i] : [],
)
const found = await inParallel(
  2,
  indices.map(i => async () => {
    const hunted = await hunt(i)
    console.log(hunted.name.padEnd(60), String(hunted.steps).padStart(8), hunted.caught ?? 'NOT CAUGHT')
    return hunted
  }),
)
const missed = found.filter(({ caught }) => caught === undefined)
console.log(`\n${found.length - missed.length} of ${found.length} caught`)
if (missed.length > 0) process.exitCode = 1

/** Measures one case in this process: `worker.js IMPLEMENTATION CASE ROUNDS` prints the best value, or null. */
import { CASES, type Workloads } from './case.ts'

const [implementation = '', name = '', rounds = '5'] = process.argv.slice(2)

async function load(): Promise<Workloads> {
  if (implementation === 'iris') return (await import('./iris.ts')).iris
  if (implementation === 'nact') return (await import('./nact.ts')).nact
  return (await import('./plain.ts')).plain
}

const workload = (await load())[name]
const values: number[] = []
const row = CASES.find(each => each.name === name)
const wanted = row?.once ? 1 : Number(rounds)
if (workload !== undefined) {
  if (wanted > 1) await workload()
  for (let i = 0; i < wanted; i++) values.push(await workload())
}
/** The best is the least disturbed: other programs on the machine can only take away. */
const best = row?.unit === 'M/s' ? Math.max : Math.min
process.stdout.write(JSON.stringify(values.length > 0 ? best(...values) : null))

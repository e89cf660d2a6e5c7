/** Measures one case in this process: `worker.js IMPLEMENTATION CASE ROUNDS` prints the median, or null. */
import type { Workloads } from './case.ts'

const [implementation = '', name = '', rounds = '5'] = process.argv.slice(2)

async function load(): Promise<Workloads> {
  if (implementation === 'iris') return (await import('./iris.ts')).iris
  if (implementation === 'nact') return (await import('./nact.ts')).nact
  return (await import('./plain.ts')).plain
}

const workload = (await load())[name]
const values: number[] = []
/** Memory is measured once: a second million would stand beside the first. */
const wanted = name === 'idle' || name === 'million' ? 1 : Number(rounds)
if (workload !== undefined) {
  if (wanted > 1) await workload()
  for (let i = 0; i < wanted; i++) values.push(await workload())
}
values.sort((a, b) => a - b)
console.log(JSON.stringify(values[values.length >> 1] ?? null))

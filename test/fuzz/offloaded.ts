import { type OffloadOptions, offload } from '../../src/index.ts'
import { isSame, type Seen, showSeen } from './compare.ts'
import type { Sample } from './program.ts'
import { type AnyFn, type Loaded, load, type World } from './world.ts'

/**
 * Programs through offload() itself: captures by the inspector, the compiler's thread, measured dispatch, marshalling.
 * Two worlds run in step, one as JavaScript and one offloaded; they must look alike after every call.
 */
export interface Offloaded {
  /** what differs, printable */
  readonly difference?: string
  /** calls by tier */
  readonly calls: Readonly<Record<string, number>>
}

interface Side {
  readonly world: World
  readonly kernel: AnyFn
}

/** Calls each of the sample's calls `rounds` times, so that trials come to every contender. */
export async function runOffloaded(sample: Sample, options: OffloadOptions, rounds: number): Promise<Offloaded> {
  const loaded = load(sample)
  const plain = loaded.world()
  const world = loaded.world()
  const kernel = offload(world.kernel as (...args: never) => unknown, options)
  const first = loaded.calls[0]!()
  await Reflect.apply(kernel.warmup, first.self ?? kernel, first.args as never)
  try {
    const difference = firstDifference(
      loaded,
      { world: plain, kernel: plain.kernel },
      { world, kernel: kernel as unknown as AnyFn },
      rounds,
    )
    return { calls: kernel.stats().calls, ...(difference !== undefined && { difference }) }
  } finally {
    kernel[Symbol.dispose]()
  }
}

function firstDifference(loaded: Loaded, plain: Side, other: Side, rounds: number): string | undefined {
  for (let round = 0; round < rounds; round++) {
    for (const index of loaded.calls.keys()) {
      const wanted = see(loaded, plain, index)
      const found = see(loaded, other, index)
      if (isSame(wholeOf(wanted), wholeOf(found))) continue
      return `call ${index + 1}, round ${round + 1} of\n${loaded.sample.source}\n${loaded.sample.calls[index]}\n--- JavaScript\n${showSeen(wanted)}\n--- offloaded\n${showSeen(found)}`
    }
  }
  return undefined
}

function see(loaded: Loaded, { world, kernel }: Side, index: number): Seen {
  const { self, args } = loaded.calls[index]!()
  try {
    const value = Reflect.apply(kernel, self, [...args])
    return { value, args, self, captured: world.values }
  } catch (error) {
    return { error, args, self, captured: world.values }
  }
}

const wholeOf = ({ value, error, args, self, captured }: Seen): unknown[] => [
  value,
  error instanceof Error ? `${error.name}: ${error.message}` : error,
  args,
  self,
  captured,
]

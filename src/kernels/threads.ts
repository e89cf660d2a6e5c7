import { IrisError } from '../../base/diagnostic.ts'
import type { KernelPool } from '../../runtime/exec/pool/pool.ts'
import { STATE } from '../../runtime/exec/pool/words.ts'
import type { Ended, Placement, Work } from '../../runtime/exec/pool/work.ts'
import { ThreadContext } from '../../runtime/exec/thread-context.ts'
import { defaultEngine } from '../engine.ts'
import { poolOf, threadCount } from '../pool.ts'
import type { AsyncOptions } from './async.ts'
import { Call, record } from './call.ts'
import type { Step } from './library.ts'
import { type Family, library, moduleOf, Scratch } from './library.ts'
import { split } from './split.ts'

/**
 * One call of a primitive. It is begun again as a whole when a thread dies: a step may have overwritten what it reads. So what
 * may be begun again (`retry`) writes to copies.
 */
export async function runOnThreads(primitive: () => unknown, options: AsyncOptions): Promise<unknown> {
  const { retry = 0, timeoutMs = Number.POSITIVE_INFINITY } = options
  const until = performance.now() + timeoutMs
  for (let left = retry; ; left--) {
    try {
      return await runOnce(primitive, options, until, retry === 0)
    } catch (error) {
      if (left === 0 || !(error instanceof IrisError) || error.code !== 'IRIS5010') throw error
    }
  }
}

/** Its arrays are placed at once, its steps run on the pool, one after the other. */
async function runOnce(
  primitive: () => unknown,
  options: AsyncOptions,
  until: number,
  writesInPlace: boolean,
): Promise<unknown> {
  const shared = library()
  const call = new Call(shared, new Scratch(shared.memory, 0), writesInPlace)
  try {
    const recording = record(call, primitive)
    const runner = new Runner(await poolOf(defaultEngine()).load(), options, until)
    let value = Number.NaN
    for (const step of recording.steps) value = await runner.run(step, call)
    call.finish()
    return recording.steps.length > 0 ? recording.result(value) : recording.given
  } finally {
    call.end()
  }
}

/** To the pool, the library is one owner of work beside the kernels of offload(). */
const OWNER = {}

/** A step is late by what is left for it; the call, by what it was given. */
const LATE: ReadonlySet<string> = new Set(['IRIS5006', 'IRIS5007'])

/** Runs the steps of one call on the pool. */
class Runner {
  readonly #pool: KernelPool
  readonly #options: AsyncOptions
  readonly #parts: number
  readonly #until: number
  #hasBegun = false

  constructor(pool: KernelPool, options: AsyncOptions, until: number) {
    this.#pool = pool
    this.#options = options
    this.#until = until
    const { parallel = false } = options
    this.#parts = typeof parallel === 'number' ? parallel : parallel ? threadCount() : 1
  }

  async run(step: Step, call: Call): Promise<number> {
    const room = (bytes: number): number => {
      const address = call.room(bytes)
      call.view('i32', address, 1)[0] = 0
      return address
    }
    const divided = this.#parts > 1 ? split(step, this.#parts, room) : undefined
    if (!divided) return this.#submit(step)
    // All must have ended before their memory is given back, also when one fails.
    const ended = await Promise.allSettled(divided.parts.map(part => this.#submit(part)))
    const values = ended.map(one => {
      if (one.status === 'rejected') throw one.reason
      return one.value
    })
    for (const next of divided.after) await this.#submit(next)
    return divided.value(values)
  }

  async #submit(step: Step): Promise<number> {
    const { parallel: _, retry: __, timeoutMs, ...settings } = this.#options
    const work = new StepWork(step)
    if (timeoutMs === undefined) return (await this.#pool.submit(OWNER, work, settings)) as number
    const left = Math.max(0, this.#until - performance.now())
    try {
      const value = (await this.#pool.submit(OWNER, work, { ...settings, timeoutMs: left })) as number
      this.#hasBegun = true
      return value
    } catch (error) {
      if (!(error instanceof IrisError) || !LATE.has(error.code)) throw error
      const hasBegun = this.#hasBegun || error.code === 'IRIS5007'
      throw new IrisError(hasBegun ? 'IRIS5007' : 'IRIS5006', { ms: timeoutMs })
    }
  }
}

const contexts: ThreadContext[] = []
const codes = new Map<string, Placement['code']>()

function codeOf(family: Family, entry: string): Placement['code'] {
  const name = `${family}.${entry}`
  const code = codes.get(name) ?? { module: moduleOf(family), hosts: [], entry }
  codes.set(name, code)
  return code
}

class StepWork implements Work {
  readonly #step: Step

  constructor(step: Step) {
    this.#step = step
  }

  place(): Placement {
    const { family, name, params } = this.#step
    const context = contexts.pop() ?? new ThreadContext(library().memory)
    return {
      code: codeOf(family, name),
      params,
      context,
      slots: 0,
      finish: resultOf,
      release: () => void contexts.push(context),
    }
  }

  runHere(): unknown {
    const { family, name, params } = this.#step
    return library().entries(family)[name]!(...params)
  }
}

/** @throws IrisError IRIS5003 for a trap or a defect: the library has neither by design */
function resultOf({ state, value, message }: Ended): number {
  if (state === STATE.done) return value
  throw new IrisError('IRIS5003', { reason: message || `a step of the kernel library ended in state ${state}` })
}

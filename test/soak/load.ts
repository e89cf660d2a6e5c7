import { alloc, free, offload } from '../../src/index.ts'
import { random } from '../parallel/scrambler.ts'

/** What the soak does, over and over: every way of running kernels, with results that are checked. */
export interface Counts {
  calls: number
  runs: number
  parallel: number
  aborted: number
  killed: number
}

const scale = (x: Float64Array, out: Float64Array, k: number): void => {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * k + 1
}
const total = (x: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]!
  return sum
}
const iterate = (x: number, n: number): number => {
  for (let i = 0; i < n; i++) x = x * 3.7 * (1 - x)
  return x
}

const scaled = offload(scale)
const parallelScaled = offload(scale, { tier: 'parallel' })
const summed = offload(total)
const fastSummed = offload(total, { math: 'fast', tier: 'parallel' })
const iterated = offload(iterate)

function check(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`wrong result: ${what}`)
}

export class Load {
  readonly counts: Counts = { calls: 0, runs: 0, parallel: 0, aborted: 0, killed: 0 }
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = random(seed)
  }

  /** One round of everything. `kill` ends a thread of the pool. */
  async round(kill: (() => Promise<void>) | undefined): Promise<void> {
    const length = 1 + Math.floor(this.#next() * 60_000)
    const ordinary = Float64Array.from({ length }, () => this.#next() - 0.5)
    using x = alloc(Float64Array, ordinary)
    const out = alloc(Float64Array, length)
    const wanted = total(ordinary)
    this.#calls(ordinary, x, out, wanted)
    await this.#runs(ordinary, x, wanted)
    await this.#aborts()
    if (kill) await this.#kills(ordinary, kill)
    free(out)
  }

  #calls(ordinary: Float64Array, x: Float64Array, out: Float64Array, wanted: number): void {
    check(Object.is(summed(x), wanted), 'a sum')
    scaled(x, out, 3)
    const copy = new Float64Array(ordinary.length)
    scaled(ordinary, copy, 3)
    check(
      out.every((value, i) => Object.is(value, copy[i])),
      'a map',
    )
    parallelScaled(x, out, 3)
    check(
      out.every((value, i) => Object.is(value, copy[i])),
      'a map on threads',
    )
    check(Object.is(fastSummed(x), fastSummed(x)), 'a fast sum on threads')
    this.counts.calls += 3
    this.counts.parallel += 3
  }

  async #runs(ordinary: Float64Array, x: Float64Array, wanted: number): Promise<void> {
    const runs = Array.from({ length: 20 }, (_, i) => summed.run([i % 2 === 0 ? x : ordinary], { priority: i % 3 }))
    check(
      (await Promise.all(runs)).every(sum => Object.is(sum, wanted)),
      'a sum on the pool',
    )
    this.counts.runs += runs.length
  }

  async #aborts(): Promise<void> {
    const controller = new AbortController()
    const runs = [0.1, 0.2, 0.3].map(start => iterated.run([start, 5e8], { signal: controller.signal }))
    const ends = runs.map(run =>
      run.then(
        () => false,
        () => true,
      ),
    )
    setImmediate(() => controller.abort())
    check((await Promise.all(ends)).every(Boolean), 'an abort')
    this.counts.aborted += ends.length
  }

  async #kills(ordinary: Float64Array, kill: () => Promise<void>): Promise<void> {
    const wanted = total(ordinary)
    const runs = Array.from({ length: 8 }, () => summed.run([ordinary], { retry: 100 }))
    await kill()
    check(
      (await Promise.all(runs)).every(sum => Object.is(sum, wanted)),
      'a sum after a thread died',
    )
    this.counts.killed++
  }
}

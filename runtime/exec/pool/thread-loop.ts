import type { MessagePort } from 'node:worker_threads'
import type { WasmMemory } from '../memory.ts'
import { Sharing } from '../parallel/sharing.ts'
import { type Chunk, TeamMember } from '../parallel/team.ts'
import { teamBytes } from '../parallel/words.ts'
import { CodeTable } from './code-table.ts'
import { JobRunner } from './job-runner.ts'
import { SharedViews } from './shared-views.ts'
import { BOARD, SEAT, type SeatData } from './words.ts'

/** Rounds of looking for work between two looks at the clock. */
const ROUNDS = 64

/** Enough to notice that work comes often again. */
const LEAST_PATIENCE = 1 / 8

/**
 * What a thread of the pool does all its life: take the job from its mailbox, run it, tell the owner; help where a
 * parallel loop runs; look for more work for a short while, then sleep until the bell rings. The event loop of the thread
 * does not turn: waking a thread that waits for a word costs half of what a message costs.
 */
export class ThreadLoop {
  readonly #data: SeatData
  readonly #port: MessagePort
  readonly #views: SharedViews
  readonly #runner: JobRunner
  readonly #member: TeamMember
  readonly #chunkOf: (code: number, region: number) => Chunk | undefined
  /** share of the allowed time that is spent looking, adapted: half after looking in vain, twice after a find */
  #patience = 1

  constructor(data: SeatData) {
    this.#data = data
    this.#port = data.port as MessagePort
    this.#views = new SharedViews(data.memory as WasmMemory)
    this.#views.reach(data.context)
    const codes = new CodeTable(this.#port, data.memory, data.context)
    this.#runner = new JobRunner(this.#views, codes, this.#port, data.context)
    const place = { team: data.team, members: data.members, index: data.member, context: data.context }
    this.#views.reach(data.team + teamBytes(data.members))
    this.#member = new TeamMember(place, () => this.#views.i32)
    this.#chunkOf = (code, region) => codes.chunk(code, region)
    codes.sharing = new Sharing(this.#member, data.members - 1, data.sharing)
  }

  run(): never {
    for (;;) if (!this.#work() && !this.#look()) this.#sleep()
  }

  #work(): boolean {
    const { i32 } = this.#views
    const job = Atomics.load(i32, (this.#data.seat + SEAT.mailbox) >> 2)
    if (job === 0) return this.#member.help(this.#chunkOf)
    this.#runner.run(job)
    Atomics.store(this.#views.i32, (this.#data.seat + SEAT.mailbox) >> 2, 0)
    this.#tellOwner()
    return true
  }

  /** One message wakes the owner; it looks at all threads then, so more are not needed until it has. */
  #tellOwner(): void {
    const before = Atomics.compareExchange(this.#views.i32, (this.#data.board + BOARD.wake) >> 2, 0, 1)
    if (before === 0) this.#port.postMessage(0)
  }

  /** Gives true when there is something to do. */
  #look(): boolean {
    const { board, spinUs, spinners } = this.#data
    const { i32 } = this.#views
    const at = (board + BOARD.spinning) >> 2
    if (Atomics.add(i32, at, 1) >= spinners) {
      Atomics.sub(i32, at, 1)
      return false
    }
    const own = (this.#data.seat + SEAT.spinning) >> 2
    Atomics.store(i32, own, 1)
    const found = this.#spin(performance.now() + (spinUs * this.#patience) / 1000)
    Atomics.store(i32, own, 0)
    Atomics.sub(i32, at, 1)
    this.#patience = found ? Math.min(1, this.#patience * 2) : Math.max(LEAST_PATIENCE, this.#patience / 2)
    return found
  }

  #spin(end: number): boolean {
    const { i32 } = this.#views
    const bell = (this.#data.seat + SEAT.bell) >> 2
    const before = Atomics.load(i32, bell)
    const mailbox = (this.#data.seat + SEAT.mailbox) >> 2
    do {
      for (let i = 0; i < ROUNDS; i++)
        if (Atomics.load(i32, mailbox) !== 0 || Atomics.load(i32, bell) !== before) return true
    } while (performance.now() < end)
    return false
  }

  /** The bell is read before the last look, so that what rings in between ends the sleep at once. */
  #sleep(): void {
    const { i32 } = this.#views
    const { seat } = this.#data
    const bell = (seat + SEAT.bell) >> 2
    Atomics.store(i32, (seat + SEAT.sleeping) >> 2, 1)
    const before = Atomics.load(i32, bell)
    if (!this.#work()) Atomics.wait(i32 as Int32Array<SharedArrayBuffer>, bell, before)
    Atomics.store(i32, (seat + SEAT.sleeping) >> 2, 0)
  }
}

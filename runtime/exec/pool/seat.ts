import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads'
import { CONTEXT } from '../../../compiler/abi.ts'
import type { KernelMemory } from '../memory.ts'
import { buryMember } from '../parallel/burial.ts'
import { CLOSED, MEMBER, memberAt, partOf } from '../parallel/words.ts'
import type { Threads } from './threads.ts'
import {
  BOARD,
  type CodeMessage,
  type DefectMessage,
  JOB,
  LARGEST_TOKEN,
  ring,
  SEAT,
  type SeatData,
  STATE,
  STOP,
  type State,
} from './words.ts'
import type { Code, Ended, Placement } from './work.ts'

const FIRST_PARAMS = 64

/** What a seat tells its pool. */
export interface SeatListener {
  /** A thread has rung: some seat may have finished. */
  awake(): void
  /** The thread has ended; `reason` in words. */
  died(seat: Seat, reason: string): void
}

export type SeatSettings = Pick<SeatData, 'board' | 'spinUs' | 'spinners' | 'team' | 'members' | 'member' | 'sharing'>

/** The owner's side of one thread: gives it one job at a time, and sees when it is done. */
export class Seat {
  readonly address: number
  readonly #memory: KernelMemory
  readonly #context: number
  readonly #settings: SeatSettings
  readonly #codes: (code: Code) => number
  #job: number
  #room = FIRST_PARAMS
  #known = new Set<number>()
  #port: MessagePort | undefined
  #worker: Worker | undefined
  #token = 0
  #reason = ''

  constructor(memory: KernelMemory, settings: SeatSettings, codes: (code: Code) => number) {
    this.#memory = memory
    this.#settings = settings
    this.#codes = codes
    this.address = zeroed(memory, SEAT.bytes)
    this.#context = zeroed(memory, CONTEXT.bytes)
    this.#job = zeroed(memory, JOB.params + 8 * FIRST_PARAMS)
  }

  /** Parts of a parallel loop that are over, and all; undefined when none runs. */
  get progress(): readonly [done: number, total: number] | undefined {
    const { i32 } = this.#memory.heap
    const at = memberAt(this.#settings.team, this.#settings.member)
    if (partOf(Atomics.load(i32, (at + MEMBER.state) >> 2)) === CLOSED) return undefined
    return [Atomics.load(i32, (at + MEMBER.done) >> 2), i32[(at + MEMBER.total) >> 2]!]
  }

  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  /** Whether the thread has finished what it was given last. */
  get isDone(): boolean {
    return Atomics.load(this.#memory.heap.i32, (this.address + SEAT.mailbox) >> 2) === 0
  }

  /** Rejects when the thread could not be started, or ended before it was ready. */
  async start(threads: Threads, listener: SeatListener): Promise<void> {
    this.#clear()
    const { port1, port2 } = new MessageChannel()
    const { wasm: memory } = this.#memory
    const data: SeatData = { ...this.#settings, memory, port: port2, seat: this.address, context: this.#context }
    const worker = await threads.start(data)
    this.#known = new Set()
    this.#port = port1
    this.#worker = worker
    this.#reason = ''
    this.#setMember(1)
    port1.on('message', () => listener.awake())
    port1.unref()
    worker.once('error', (error: Error) => (this.#reason = error.message))
    worker.once('exit', code => {
      this.#port?.close()
      this.#port = this.#worker = undefined
      this.#setMember(0)
      listener.died(this, this.#reason || `it exited with code ${code}`)
    })
  }

  /** Holds the process open while something runs. */
  hold(): void {
    this.#port?.ref()
  }

  release(): void {
    this.#port?.unref()
  }

  /** Hands a call to the thread. */
  give({ code, params, context, slots }: Placement): void {
    const number = this.#send(code)
    this.#makeRoom(params.length)
    const { i32, f64 } = this.#memory.heap
    const job = this.#job
    this.#token = (this.#token % LARGEST_TOKEN) + 1
    i32[(job + JOB.state) >> 2] = STATE.placed
    i32[(job + JOB.code) >> 2] = number
    i32[(job + JOB.count) >> 2] = params.length
    i32[(job + JOB.token) >> 2] = this.#token
    i32[(job + JOB.context) >> 2] = context.address
    i32[(job + JOB.slots) >> 2] = slots
    i32[(job + JOB.cancelled) >> 2] = 0
    for (let i = 0; i < params.length; i++) f64[((job + JOB.params) >> 3) + i] = params[i]!
    Atomics.store(i32, (this.address + SEAT.mailbox) >> 2, job)
    ring(i32, this.address)
  }

  /** Asks the running job to stop; it ends at its next poll. Never stops another one. */
  cancel(): void {
    const { i32 } = this.#memory.heap
    Atomics.store(i32, (this.#job + JOB.cancelled) >> 2, 1)
    Atomics.compareExchange(i32, (this.#context + CONTEXT.cancel) >> 2, this.#token, this.#token | STOP)
  }

  /** How the last job ended; {@link isDone} has become true. */
  take(): Ended {
    const { i32, f64 } = this.#memory.heap
    const job = this.#job
    const state = Atomics.load(i32, (job + JOB.state) >> 2) as State
    const own = i32[(job + JOB.context) >> 2]!
    return {
      state,
      value: f64[(job + JOB.result) >> 3]!,
      status: i32[(own + CONTEXT.status) >> 2]!,
      message: state === STATE.defect ? this.#defect() : '',
    }
  }

  /** Ends the thread, whatever it does. */
  async kill(): Promise<void> {
    await this.#worker?.terminate()
  }

  /** Puts right what the thread left behind; it has ended. */
  bury(): void {
    const { i32 } = this.#memory.heap
    const wasSpinning = Atomics.exchange(i32, (this.address + SEAT.spinning) >> 2, 0)
    Atomics.sub(i32, (this.#settings.board + BOARD.spinning) >> 2, wasSpinning)
    buryMember(i32, this.#settings, this.#settings.member)
  }

  /** Gives the words back; no thread runs any more. */
  free(): void {
    for (const address of [this.address, this.#context, this.#job]) this.#memory.give(address)
  }

  /** The message of a defect is in the port's queue before the job is marked. */
  #defect(): string {
    for (;;) {
      const received = this.#port && (receiveMessageOnPort(this.#port) as { message: DefectMessage | 0 } | undefined)
      if (!received) return 'no message came'
      if (received.message !== 0) return received.message.defect
    }
  }

  #send(code: Code): number {
    const number = this.#codes(code)
    if (this.#known.has(number)) return number
    const { module, hosts, entry, regions } = code
    const message: CodeMessage = { code: number, module, hosts, entry, ...(regions && { regions }) }
    this.#port?.postMessage(message)
    this.#known.add(number)
    return number
  }

  #makeRoom(params: number): void {
    if (params <= this.#room) return
    this.#memory.give(this.#job)
    this.#room = 2 * params
    this.#job = zeroed(this.#memory, JOB.params + 8 * this.#room)
  }

  /** Makes code known to the thread before it is needed: for parts of parallel loops. */
  know(code: Code): void {
    if (this.isRunning) this.#send(code)
  }

  #setMember(alive: number): void {
    const { team, member } = this.#settings
    const { i32 } = this.#memory.heap
    const at = memberAt(team, member)
    i32[(at + MEMBER.seat) >> 2] = this.address
    i32[(at + MEMBER.context) >> 2] = this.#context
    Atomics.store(i32, (at + MEMBER.alive) >> 2, alive)
  }

  #clear(): void {
    const { i32 } = this.#memory.heap
    i32.fill(0, this.address >> 2, (this.address + SEAT.bytes) >> 2)
    i32.fill(0, this.#context >> 2, (this.#context + CONTEXT.bytes) >> 2)
  }
}

export function zeroed(memory: KernelMemory, bytes: number): number {
  const address = memory.take(bytes)
  memory.heap.i32.fill(0, address >> 2, (address + bytes) >> 2)
  return address
}

/** Clears the flag by which threads know that the owner has been woken already. */
export const awake = (i32: Int32Array, board: number): void => void Atomics.store(i32, (board + BOARD.wake) >> 2, 0)

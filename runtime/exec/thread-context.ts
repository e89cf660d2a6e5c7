import { CONTEXT } from '../../compiler/abi.ts'
import { ALIGNMENT } from './allocator.ts'
import type { KernelMemory } from './memory.ts'
import type { LoopSharing } from './parallel/sharing.ts'

const FIRST_ARENA = 64 * 1024
/** A larger arena is given back after the call that needed it. */
const KEPT_ARENA = 64 * 1024 * 1024

/**
 * What the calls of one thread share: the context block that compiled code reports to, and the arena that holds
 * copied arguments, arrays made by the kernel, and results, for the duration of one call. Calls on a thread follow
 * each other and never nest (compiled code calls nothing but host mathematics), which {@link enter} checks.
 */
export class ThreadContext {
  readonly memory: KernelMemory
  readonly address: number
  /** shares parallel loops with other threads; without it they run here alone */
  sharing: LoopSharing | undefined
  #arena = 0
  #arenaBytes = 0
  #top = 0
  #busy = false

  constructor(memory: KernelMemory) {
    this.memory = memory
    this.address = memory.take(CONTEXT.bytes)
    memory.heap.i32.fill(0, this.address >> 2, (this.address + CONTEXT.bytes) >> 2)
  }

  get slots(): number {
    return this.address + CONTEXT.slots
  }

  get status(): number {
    return this.memory.heap.i32[(this.address + CONTEXT.status) >> 2]!
  }

  /** False when a call is under way on this thread. */
  enter(): boolean {
    if (this.#busy) return false
    this.#busy = true
    this.#top = this.#arena
    return true
  }

  leave(): void {
    this.#busy = false
    if (this.#arenaBytes > KEPT_ARENA) this.#drop()
  }

  /**
   * Makes room for `bytes` of copies, and some for the kernel itself. Called before the first {@link push} of a call:
   * what lies in the arena is lost when it moves. False when kernel memory is full.
   */
  reserve(bytes: number): boolean {
    const wanted = Math.max(bytes, FIRST_ARENA)
    if (wanted <= this.#arenaBytes) return true
    this.#drop()
    const address = this.memory.tryTake(wanted)
    if (address === undefined) return false
    this.#arena = this.#top = address
    this.#arenaBytes = wanted
    return true
  }

  /** At least twice the size, for a call that ran out of arena. */
  get nextSize(): number {
    return 2 * Math.max(this.#arenaBytes, FIRST_ARENA)
  }

  /** Address of `bytes` bytes in the arena, 64-byte aligned; the space was reserved. */
  push(bytes: number): number {
    const address = this.#top
    this.#top = address + padded(bytes)
    return address
  }

  /** Tells compiled code where its arena begins and clears the status. */
  arm(): void {
    const { i32 } = this.memory.heap
    const at = this.address >> 2
    i32[at + (CONTEXT.status >> 2)] = 0
    i32[at + (CONTEXT.arenaTop >> 2)] = this.#top
    i32[at + (CONTEXT.arenaEnd >> 2)] = this.#arena + this.#arenaBytes
  }

  /**
   * Asks what runs on this thread to stop, from another thread: the call throws IRIS5012. Where nothing runs, the next
   * call stops at its first poll.
   */
  stop(): void {
    Atomics.store(this.memory.heap.i32, (this.address + CONTEXT.cancel) >> 2, -1)
  }

  /** After a call was stopped. */
  clearStop(): void {
    Atomics.store(this.memory.heap.i32, (this.address + CONTEXT.cancel) >> 2, 0)
  }

  #drop(): void {
    if (this.#arenaBytes > 0) this.memory.give(this.#arena)
    this.#arena = this.#arenaBytes = this.#top = 0
  }
}

/** Room that a copy of `bytes` takes in the arena. */
export const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

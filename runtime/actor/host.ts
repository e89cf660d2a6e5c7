import { performance } from 'node:perf_hooks'

/** A pending alarm of the host. */
export interface Alarm {
  cancel(): void
  /** Whether the alarm alone keeps the process alive. */
  keepAlive(on: boolean): void
}

/**
 * Everything the runtime takes from outside: time, turns of the event loop, randomness. Nothing in `runtime/actor`
 * reads a clock otherwise, so a seeded host with virtual time replays a whole system.
 */
export interface Host {
  /** Monotonic time in milliseconds. */
  now(): number
  /** Runs the task after the jobs already queued, before any I/O. */
  microtask(task: () => void): void
  /** Runs the task after the event loop has looked at I/O and timers. */
  macrotask(task: () => void): void
  /** Runs the task once, not before `delayMs` (at most 2^31 - 1). */
  alarm(delayMs: number, task: () => void): Alarm
  /** Uniform in [0, 1). */
  random(): number
}

export const LONGEST_ALARM = 2 ** 31 - 1

const settled = Promise.resolve()

class NodeAlarm implements Alarm {
  #timer: NodeJS.Timeout

  constructor(delayMs: number, task: () => void) {
    this.#timer = setTimeout(task, delayMs)
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }

  keepAlive(on: boolean): void {
    if (on) this.#timer.ref()
    else this.#timer.unref()
  }
}

export const nodeHost: Host = {
  now: () => performance.now(),
  // queueMicrotask of Node makes an AsyncResource for each task; a promise reaction costs a fifth of that.
  microtask: task => void settled.then(task),
  macrotask: task => void setImmediate(task),
  alarm: (delayMs, task) => new NodeAlarm(delayMs, task),
  random: () => Math.random(),
}

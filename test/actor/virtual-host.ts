import type { Alarm, Host } from '../../runtime/actor/host.ts'

interface Entry {
  readonly due: number
  readonly task: () => void
}

/** A host whose time moves only when a test says so. Alarms of one moment fire in the order they were set. */
export class VirtualHost implements Host {
  time = 0
  readonly #micro: (() => void)[] = []
  readonly #macro: (() => void)[] = []
  #alarms: Entry[] = []

  now(): number {
    return this.time
  }

  microtask(task: () => void): void {
    this.#micro.push(task)
  }

  macrotask(task: () => void): void {
    this.#macro.push(task)
  }

  alarm(delayMs: number, task: () => void): Alarm {
    const entry: Entry = { due: this.time + delayMs, task }
    this.#alarms.push(entry)
    const cancel = (): void => {
      this.#alarms = this.#alarms.filter(each => each !== entry)
    }
    return { cancel, keepAlive: () => undefined }
  }

  random(): number {
    return 0.5
  }

  get alarms(): number {
    return this.#alarms.length
  }

  /** Runs everything that is ready now, promise reactions of the engine included. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 10; ) {
      const task = this.#micro.shift() ?? this.#macro.shift()
      if (task === undefined) {
        quiet++
        await undefined
      } else {
        quiet = 0
        task()
      }
    }
  }

  /** Moves the time forward, stopping at each alarm on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms
    await this.settle()
    for (;;) {
      const next = this.#nextAlarm(end)
      if (next === undefined) break
      this.#alarms = this.#alarms.filter(each => each !== next)
      this.time = Math.max(this.time, next.due)
      next.task()
      await this.settle()
    }
    this.time = end
  }

  #nextAlarm(end: number): Entry | undefined {
    let next: Entry | undefined
    for (const each of this.#alarms) if (each.due <= end && (next === undefined || each.due < next.due)) next = each
    return next
  }
}

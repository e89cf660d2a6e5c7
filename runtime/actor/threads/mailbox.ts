import { IrisError } from '../../../base/diagnostic.ts'
import type { Clock } from '../clock.ts'
import { DEAD, type Process, STOPPING } from '../process.ts'
import { PullMailbox, type Receiver } from '../pull.ts'
import type { Bridge } from './bridge.ts'

/** The mailbox of a pull actor that has a thread to itself. */
export class ThreadMailbox extends PullMailbox {
  readonly #receiver: Receiver
  readonly #process: Process
  readonly #bridge: Bridge
  readonly #clock: Clock

  constructor(receiver: Receiver, process: Process, bridge: Bridge, clock: Clock) {
    super(receiver, process)
    this.#receiver = receiver
    this.#process = process
    this.#bridge = bridge
    this.#clock = clock
  }

  /** Blocks the thread until a message comes; null after the timeout. Throws IRIS6021 once the actor is stopped. */
  recvSync(timeoutSeconds = Number.POSITIVE_INFINITY): unknown {
    const process = this.#process
    const deadline = this.#clock.now() + timeoutSeconds * 1000
    this.#bridge.outbox.flushNow()
    for (;;) {
      if ((process.flags & (DEAD | STOPPING)) !== 0) this.#end()
      if (process.size > 0) return this.#receiver.takeNow(process)
      const left = deadline - this.#clock.now()
      if (left < 0) return null
      this.#bridge.pollBlocking(Math.max(left, 0))
      if (left === 0 && process.size === 0) return null
    }
  }

  #end(): never {
    this.#receiver.endIfStopping(this.#process)
    this.#bridge.outbox.flushNow()
    const reason = this.#process.extras?.exit?.reason ?? 'Killed'
    throw new IrisError('IRIS6021', { pid: String(this.#process.pid), reason })
  }
}

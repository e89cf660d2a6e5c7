import { type Exit, exitOf } from '../exit.ts'
import type { Pid } from '../pid.ts'
import type { Remote } from '../remote.ts'
import { CallSignal } from '../signal.ts'
import type { Bridge } from './bridge.ts'
import { type Address, NOBODY, wireError } from './wire.ts'

/** Stands in for an actor of the other side. */
export class StandIn implements Remote {
  readonly bridge: Bridge
  readonly address: Address
  /** The actor has ended by itself: it need not be told. */
  gone = false

  constructor(bridge: Bridge, address: Address) {
    this.bridge = bridge
    this.address = address
  }

  send(entry: unknown): boolean {
    return this.bridge.forward(this.address, entry)
  }

  signal(from: Pid, exit: Exit): void {
    this.bridge.writeExit('signal', this.address, exit, from)
  }

  linkExit(from: Pid, exit: Exit): void {
    this.bridge.writeExit('linkExit', this.address, exit, from)
  }

  linked(other: Pid): void {
    this.bridge.write('link', this.address, 0, other)
  }

  unlinked(other: Pid): void {
    this.bridge.write('unlink', this.address, 0, other)
  }

  stop(exit: Exit): void {
    this.bridge.writeExit('stop', this.address, exit)
  }

  kill(): void {
    if (!this.gone) this.bridge.write('kill', this.address, 0, undefined)
  }
}

/** A call whose caller is on the other side. */
export class BridgedCall extends CallSignal {
  override readonly message: unknown
  readonly #bridge: Bridge
  readonly #id: number
  #open = true

  constructor(bridge: Bridge, id: number, message: unknown) {
    super()
    this.#bridge = bridge
    this.#id = id
    this.message = message
  }

  /** An answer that cannot cross fails the call instead. */
  override answer(value: unknown): boolean {
    if (!this.#open) return false
    try {
      this.#bridge.write('reply', NOBODY, this.#id, value)
    } catch (error) {
      return this.refuse(error)
    }
    this.#open = false
    return true
  }

  override refuse(error: unknown): boolean {
    if (!this.#open) return false
    this.#open = false
    this.#bridge.write('fail', NOBODY, this.#id, wireError(error))
    return true
  }
}

/** An exit whose error cannot be cloned crosses with the error's text. */
export function plainExit(exit: Exit): Exit {
  return exitOf(exit.reason, String(exit.metadata), exit.origin)
}

import type { Handler } from './handler.ts'
import type { Pid } from './pid.ts'
import type { SystemMessage } from './system-message.ts'

/**
 * What travels in a mailbox besides bare user messages. Users never see a signal: it is opened where it is delivered.
 * A signal that counts stands for a user message (`message`); bounds and overflow concern only those. What is the same
 * for a whole class is a getter: signals are made by the million, and fields cost.
 */
export abstract class Signal {
  /** Whether it takes the place of a user message. */
  abstract get counts(): boolean
  /** What the handler gets; undefined for a swap. */
  abstract get message(): unknown

  /** No actor will handle it; the error says why. */
  discard(_error: () => unknown): void {}
}

/** EXIT and DOWN. */
export class SystemSignal extends Signal {
  override get counts(): boolean {
    return false
  }

  override readonly message: SystemMessage

  constructor(message: SystemMessage) {
    super()
    this.message = message
  }
}

/** The point in the queue after which another behaviour answers: a new one, or with `steps` an older one. */
export class SwapSignal extends Signal {
  override get counts(): boolean {
    return false
  }

  override get message(): undefined {
    return undefined
  }

  readonly handler: Handler | undefined
  readonly migrate: Migration | undefined
  readonly steps: number

  constructor(handler: Handler | undefined, migrate: Migration | undefined, steps: number) {
    super()
    this.handler = handler
    this.migrate = migrate
    this.steps = steps
  }
}

/** Moves state from the old behaviour to the new; what it throws keeps the old. */
export type Migration = (old: Handler, self: Pid) => void

/** The message of an interval; the timer knows by `taken` that the actor has not yet come to the last one. */
export class TickSignal extends Signal {
  override get counts(): boolean {
    return true
  }

  override readonly message: unknown
  #onTaken: () => void

  constructor(message: unknown, onTaken: () => void) {
    super()
    this.message = message
    this.#onTaken = onTaken
  }

  taken(): void {
    this.#onTaken()
  }

  override discard(): void {
    this.#onTaken()
  }
}

/** A request that waits for an answer. Exactly one of `answer` and `refuse` has an effect, once. */
export abstract class CallSignal extends Signal {
  override get counts(): boolean {
    return true
  }

  abstract answer(value: unknown): boolean
  abstract refuse(error: unknown): boolean

  override discard(error: () => unknown): void {
    this.refuse(error())
  }
}

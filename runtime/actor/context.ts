import type { SendOptions } from './bound.ts'
import type { CallOptions } from './calls.ts'
import type { ExitReason } from './exit.ts'
import type { Pid } from './pid.ts'
import { extrasOf, type Process } from './process.ts'
import type { ActorSystem } from './system.ts'
import type { MonitorReference } from './system-message.ts'

/** Answers one call later; the first of the two wins, and tells whether somebody still waited. */
export interface Reply {
  (value: unknown): boolean
  fail(error: unknown): boolean
}

/** What a handler may do as itself, also after an `await`. */
export class Context {
  readonly #system: ActorSystem
  readonly #process: Process

  constructor(system: ActorSystem, process: Process) {
    this.#system = system
    this.#process = process
  }

  get self(): Pid {
    return this.#process.pid
  }

  get runtime(): ActorSystem['runtime'] {
    return this.#system.runtime
  }

  /** Answers the call that is being handled; false when there is none or nobody waits any more. */
  reply(value: unknown): boolean {
    const call = this.#takeCall()
    return call?.answer(value) ?? false
  }

  /** Takes over the answer: the handler's return value is not used. Outside a call the reply goes nowhere. */
  deferReply(): Reply {
    const call = this.#takeCall()
    if (call === undefined) return Object.assign(() => false, { fail: () => false })
    const deferred = (extrasOf(this.#process).deferred ??= new Set())
    deferred.add(call)
    const settle = (how: () => boolean): boolean => deferred.delete(call) && how()
    return Object.assign((value: unknown) => settle(() => call.answer(value)), {
      fail: (error: unknown) => settle(() => call.refuse(error)),
    })
  }

  /** Ends this actor after the message it handles now. */
  stop(reason: ExitReason = 'Normal'): void {
    this.#system.lifecycle.stop(this.#process, { reason, metadata: undefined, origin: undefined })
  }

  /** Like `runtime.send`, with this actor as the sender also after an `await`. */
  send(pid: Pid, message: unknown, options?: SendOptions): boolean | Promise<boolean> {
    return this.#system.delivery.sendFrom(this.#process, pid, message, options)
  }

  /** Like `runtime.call`, with this actor as the caller also after an `await`. */
  call<T = unknown>(pid: Pid, message: unknown, options?: CallOptions): Promise<T> {
    return this.#system.calls.call(this.#process, pid, message, options) as Promise<T>
  }

  /** Like `runtime.exit`, with this actor as the sender also after an `await`: `Normal` ends only itself. */
  exit(pid: Pid, reason: ExitReason, metadata?: unknown): boolean {
    return this.#system.links.send(this.#process, pid, reason, metadata)
  }

  link(pid: Pid): void {
    this.#system.links.link(this.self, pid)
  }

  unlink(pid: Pid): void {
    this.#system.links.unlink(this.self, pid)
  }

  monitor(pid: Pid): MonitorReference {
    return this.#system.monitors.monitor(this.self, pid)
  }

  trapExit(on: boolean): void {
    this.#system.links.trapExit(this.self, on)
  }

  #takeCall(): Process['call'] {
    const { call } = this.#process
    this.#process.call = undefined
    return call
  }
}

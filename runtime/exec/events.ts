import type { Diagnostic } from '../../base/diagnostic.ts'

/** What the engine tells about its work: `jit.on`, the log and the diagnostics channels carry the same events. */
export interface JitEvents {
  /** the source of a kernel was read */
  parse: { readonly kernel: string; readonly functions: number; readonly ms: number }
  /** a call, or a whole kernel, cannot run compiled */
  miss: { readonly kernel: string; readonly profile: string; readonly diagnostics: readonly Diagnostic[] }
  /** a profile was compiled */
  compile: { readonly kernel: string; readonly profile: string; readonly bytes: number; readonly ms: number }
  /** compiled code was found in the cache */
  'cache hit': { readonly kernel: string; readonly profile: string; readonly bytes: number }
  /** calls of this profile run in this tier from now on */
  'tier chosen': { readonly kernel: string; readonly profile: string; readonly tier: string; readonly reason: string }
  promoted: { readonly kernel: string; readonly profile: string; readonly from: string; readonly to: string }
  demoted: {
    readonly kernel: string
    readonly profile: string
    readonly from: string
    readonly to: string
    readonly reason: string
  }
  /** a call left compiled code and was rerun as JavaScript */
  deopt: { readonly kernel: string; readonly profile: string; readonly reason: string }
  /** a defect of Iris; the call ran as JavaScript */
  defect: { readonly kernel: string; readonly error: unknown }
}

export type JitEventName = keyof JitEvents
export type JitListener<N extends JitEventName> = (event: JitEvents[N]) => void
type AnyListener = (name: JitEventName, event: JitEvents[JitEventName]) => void

/** Hands each event to its listeners, in the order in which they subscribed. */
export class JitEventHub {
  readonly #listeners = new Set<AnyListener>()

  /** Gives a function that ends the subscription. */
  subscribe(listener: AnyListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  emit<N extends JitEventName>(name: N, event: JitEvents[N]): void {
    for (const listener of this.#listeners) listener(name, event)
  }
}

import { Runtime, type RuntimeOptions } from '../../runtime/actor/index.ts'
import { VirtualHost } from './virtual-host.ts'

/** A runtime under virtual time, with its own dead letters at hand. */
export function world(options: RuntimeOptions = {}) {
  const host = new VirtualHost()
  const runtime = new Runtime({ host, ...options })
  const settle = (): Promise<void> => host.settle()
  const advance = (ms: number): Promise<void> => host.advance(ms)
  return { host, runtime, settle, advance }
}

/** A promise with its ends outside. */
export function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void } {
  let open!: (value: T) => void
  const promise = new Promise<T>(resolve => {
    open = resolve
  })
  return { promise, open }
}

export const ignore = (): void => undefined

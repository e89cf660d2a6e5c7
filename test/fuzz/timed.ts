import { createContext, Script } from 'node:vm'

/** Runs code that may loop for ever: V8's own watchdog ends it, Wasm included. @throws Error after `ms` milliseconds */
export function timed<T>(ms: number, action: () => T): T {
  const results: T[] = []
  const context = createContext({ action: () => void results.push(action()) })
  new Script('action()').runInContext(context, { timeout: ms })
  return results[0] as T
}

export const isTimeout = (error: unknown): boolean =>
  (error as { code?: string } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

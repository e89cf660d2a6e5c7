import { IrisError } from '../../../base/diagnostic.ts'
import type { RunSettings } from './options.ts'

/**
 * Waits for what must be done before a call can be submitted, at most until its signal or deadline; gives the settings
 * for what remains. Rejects with `signal.reason`, or IRIS5006.
 */
export async function within(settings: RunSettings, preparation: Promise<void>): Promise<RunSettings> {
  const { signal, timeoutMs } = settings
  if (!signal && timeoutMs === undefined) {
    await preparation
    return settings
  }
  signal?.throwIfAborted()
  const started = performance.now()
  await orStopped(preparation, signal, timeoutMs)
  if (timeoutMs === undefined) return settings
  const left = timeoutMs - (performance.now() - started)
  if (left <= 0) throw new IrisError('IRIS5006', { ms: timeoutMs })
  return { ...settings, timeoutMs: left }
}

function orStopped(work: Promise<void>, signal: AbortSignal | undefined, ms: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => done(() => reject(signal?.reason))
    const timer =
      ms === undefined ? undefined : setTimeout(() => done(() => reject(new IrisError('IRIS5006', { ms }))), ms)
    const done = (how: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      how()
    }
    signal?.addEventListener('abort', abort, { once: true })
    work.then(
      () => done(resolve),
      error => done(() => reject(error)),
    )
  })
}

import { IrisError } from '../base/diagnostic.ts'
import type { RunOptions } from './kernel-types.ts'

/**
 * Runs `work` in a later turn of the event loop, unless it is aborted or its time is over before that.
 * Deadlines count from the submission.
 */
export async function runLater<T>(work: () => T, options: RunOptions = {}): Promise<T> {
  const { signal, timeoutMs } = checked(options)
  const submitted = performance.now()
  signal?.throwIfAborted()
  await new Promise<void>(resolve => setImmediate(resolve))
  signal?.throwIfAborted()
  if (timeoutMs !== undefined && performance.now() - submitted >= timeoutMs)
    throw new IrisError('IRIS5006', { ms: timeoutMs })
  return work()
}

function checked(options: RunOptions): RunOptions {
  const { signal, timeoutMs, priority } = options
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw wrong('signal', 'it is no AbortSignal', 'pass controller.signal')
  if (timeoutMs !== undefined && !(timeoutMs >= 0))
    throw wrong('timeoutMs', `${timeoutMs} is not a number >= 0`, 'pass milliseconds')
  if (priority !== undefined && !Number.isFinite(priority))
    throw wrong('priority', `${priority} is not a finite number`, 'pass a number; larger runs earlier')
  return options
}

const wrong = (name: string, reason: string, fix: string): IrisError => new IrisError('IRIS5002', { name, reason, fix })

import type { Dispatcher } from '../runtime/exec/dispatch.ts'

/** Kernels by their callable. */
const byKernel = new WeakMap<object, Dispatcher>()

/**
 * Where new kernels are noted while a tool imports a user's module. On globalThis, since that module may bring a copy
 * of Iris of its own.
 */
const RECORD = Symbol.for('iris-fabric.record')
type Recording = { [RECORD]?: Recorded[] }

export interface Recorded {
  readonly kernel: object
  readonly dispatcher: Dispatcher
}

export function register(kernel: object, dispatcher: Dispatcher): void {
  byKernel.set(kernel, dispatcher)
  ;(globalThis as Recording)[RECORD]?.push({ kernel, dispatcher })
}

export const dispatcherOf = (kernel: object): Dispatcher | undefined => byKernel.get(kernel)

/** Runs `work` and gives the kernels that were made meanwhile. */
export async function recordKernels(work: () => Promise<unknown>): Promise<readonly Recorded[]> {
  const mine: Recorded[] = []
  const globals = globalThis as Recording
  globals[RECORD] = mine
  try {
    await work()
  } finally {
    delete globals[RECORD]
  }
  return mine
}

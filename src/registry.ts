import type { Dispatcher } from '../runtime/exec/dispatch.ts'

/** Kernels by their callable, and in the order in which they were made, for tools that list them. */
const byKernel = new WeakMap<object, Dispatcher>()
let recording: Dispatcher[] | undefined

export function register(kernel: object, dispatcher: Dispatcher): void {
  byKernel.set(kernel, dispatcher)
  recording?.push(dispatcher)
}

export const dispatcherOf = (kernel: object): Dispatcher | undefined => byKernel.get(kernel)

/** Runs `work` and gives the kernels that were made meanwhile. */
export async function recordKernels(work: () => Promise<unknown>): Promise<readonly Dispatcher[]> {
  const mine: Dispatcher[] = []
  recording = mine
  try {
    await work()
  } finally {
    recording = undefined
  }
  return mine
}

import { readFlag } from '../base/env.ts'
import { KernelMemory, type MemoryLimits } from '../runtime/exec/memory.ts'
import { Views } from '../runtime/exec/views.ts'

/** The kernel memory of this process and the views on it. Apart from the engine, so that either loads without the other. */
export interface SharedMemory {
  readonly memory: KernelMemory
  readonly views: Views
}

export const memoryLimits = (): MemoryLimits => ({
  initial: readFlag('IRIS_MEMORY_INITIAL'),
  maximum: readFlag('IRIS_MEMORY_MAX'),
})

let shared: SharedMemory | undefined

/** Made when it is first needed. @throws IrisError IRIS5005 where there is no WebAssembly */
export function sharedMemory(): SharedMemory {
  shared ??= make()
  return shared
}

function make(): SharedMemory {
  const memory = new KernelMemory(memoryLimits())
  return { memory, views: new Views(memory) }
}

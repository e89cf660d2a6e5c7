import type { TypedArray, TypedArrayConstructor } from '../runtime/exec/elements.ts'
import type { KernelView } from '../runtime/exec/views.ts'
import { sharedMemory } from './shared-memory.ts'

/**
 * A typed array in kernel memory: no kernel call copies it. Elements are 0, or those given. Free it with free(), by
 * `using`, or leave it to the garbage collector; until then keep the view itself while views made from its buffer are used.
 * @throws IrisError IRIS5001 when kernel memory is full, IRIS5002 for wrong arguments
 */
export function alloc<T extends TypedArray>(
  type: TypedArrayConstructor<T>,
  lengthOrValues: number | Iterable<number> | ArrayLike<number>,
): KernelView<T> {
  return sharedMemory().views.alloc(type, lengthOrValues)
}

/**
 * Gives the memory of a view made by alloc() back. The view must not be used afterwards.
 * @throws IrisError IRIS5004 when it was freed already
 */
export function free(view: object): void {
  sharedMemory().views.free(view)
}

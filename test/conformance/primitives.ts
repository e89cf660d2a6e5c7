import type { HostFunction } from '../../compiler/ir/interp.ts'
import type { Primitive } from '../../compiler/ir/primitives.ts'
import type { KernelMemory } from '../../runtime/exec/memory.ts'
import { type Family, moduleOf } from '../../src/kernels/library.ts'

/** The functions of the kernel library over one memory, for the interpreter. */
export function primitivesOver(memory: KernelMemory): (primitive: Primitive) => HostFunction {
  const families = new Map<string, WebAssembly.Exports>()
  return ({ family, entry }) => {
    const known =
      families.get(family) ??
      new WebAssembly.Instance(moduleOf(family as Family), {
        env: { memory: memory.wasm as unknown as WebAssembly.Memory },
      }).exports
    families.set(family, known)
    return known[entry] as HostFunction
  }
}

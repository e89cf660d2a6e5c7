/**
 * The functions of the kernel library (src/kernels) by identity. The library loads no compiler, and the compiler no
 * library: so what both know stands here. The library names its functions as its modules load; a kernel that captures
 * one of them is compiled with the WebAssembly behind it.
 */
const names = new WeakMap<object, string>()
const functions = new Map<string, object>()

/** Makes functions known as `kernels.<key>`. */
export function nameKernels(kernels: Readonly<Record<string, object>>, prefix = 'kernels'): void {
  for (const [key, kernel] of Object.entries(kernels)) {
    names.set(kernel, `${prefix}.${key}`)
    functions.set(`${prefix}.${key}`, kernel)
  }
}

export const kernelName = (value: unknown): string | undefined =>
  typeof value === 'function' ? names.get(value) : undefined

export const kernelNamed = (name: string): object | undefined => functions.get(name)

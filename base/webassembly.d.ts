/**
 * The part of the WebAssembly interface that Iris uses. TypeScript declares it in lib.dom only, which a library for
 * Node must not pull in, and @types/node 20 does not declare it.
 */
declare global {
  namespace WebAssembly {
    type ExportValue = ((...args: never[]) => unknown) | Global | Memory
    type Exports = Record<string, ExportValue>
    type Imports = Record<string, Record<string, ExportValue | ((...args: never[]) => unknown) | number | bigint>>

    class Module {
      constructor(bytes: ArrayBufferView | ArrayBufferLike)
      static exports(module: Module): { readonly name: string; readonly kind: string }[]
      static imports(module: Module): { readonly module: string; readonly name: string; readonly kind: string }[]
    }
    class Instance {
      constructor(module: Module, imports?: Imports)
      readonly exports: Exports
    }
    class Memory {
      constructor(descriptor: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean })
      readonly buffer: ArrayBuffer
      grow(pages: number): number
    }
    class Global {
      constructor(
        descriptor: { readonly value: 'i32' | 'i64' | 'f32' | 'f64'; readonly mutable?: boolean },
        value?: number | bigint,
      )
      value: number | bigint
    }
    class CompileError extends Error {}
    class LinkError extends Error {}
    class RuntimeError extends Error {}

    function compile(bytes: ArrayBufferView | ArrayBufferLike): Promise<Module>
    function instantiate(module: Module, imports?: Imports): Promise<Instance>
    function validate(bytes: ArrayBufferView | ArrayBufferLike): boolean
  }
}

export {}

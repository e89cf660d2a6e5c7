/**
 * The kernel library: ready-made primitives over typed arrays, in WebAssembly SIMD. `import { dot } from
 * 'iris-fabric/kernels'`, or all of it as `kernels`. Arrays of alloc() are used where they are; others are copied.
 */
export { IrisError } from '../../base/diagnostic.ts'
export * as kernels from './all.ts'
export * from './all.ts'

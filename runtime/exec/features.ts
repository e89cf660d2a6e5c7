/** What this V8 can do on this processor, asked with modules of one function. */
const HEAD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0]
const SPLAT = Uint8Array.of(...HEAD, 10, 8, 1, 6, 0, 65, 0, 253, 17, 11)
const I32 = [65, 0, 253, 17]
const MADD = Uint8Array.of(...HEAD, 10, 19, 1, 17, 0, ...I32, ...I32, ...I32, 253, 135, 2, 11)

export const hasSimd = (): boolean => WebAssembly.validate(SPLAT)

/** Multiply-add of relaxed SIMD: V8 11.4, Node 22. */
export const hasRelaxedMadd = (): boolean => (relaxed ??= WebAssembly.validate(MADD))
let relaxed: boolean | undefined

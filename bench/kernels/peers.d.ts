/** The packages among the peers that bring no types. */
declare module 'fft.js' {
  export default class FFT {
    constructor(size: number)
    createComplexArray(): number[]
    transform(out: ArrayLike<number>, data: ArrayLike<number>): void
    realTransform(out: ArrayLike<number>, data: ArrayLike<number>): void
  }
}

declare module 'compute-cosine-similarity' {
  export default function similarity(x: readonly number[], y: readonly number[]): number
}

/** The unit in which reductions are added pairwise: see kernels/assembly/vectors/reduce.ts. */
const BLOCK = 512

/** Where n elements are halved: a whole number of blocks, the left half the larger one. */
export const middle = (n: number): number => ((Math.ceil(n / BLOCK) + 1) >> 1) * BLOCK

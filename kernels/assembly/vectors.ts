/** Vectors: reductions, elementwise arithmetic, extremes, distances. Names are <primitive>_<element type>. */
export * from './vectors/reduce'
export * from './vectors/bytes'
export * from './vectors/elementwise'
export * from './vectors/extreme'

export * from './checksum.ts'
export * from './matrix.ts'
export * from './vectors.ts'

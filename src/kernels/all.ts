export * from './checksum.ts'
export * from './vectors.ts'

export { promised as async } from './async.ts'
export * from './primitives.ts'

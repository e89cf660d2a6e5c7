export * from '../src/cli/measure.ts'

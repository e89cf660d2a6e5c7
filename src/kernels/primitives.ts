export { alloc, free } from '../memory.ts'
export * from './checksum.ts'
export * from './filter.ts'
export { fft, ifft, irfft, rfft } from './fourier.ts'
export type { ResizeOptions } from './image.ts'
export {
  alphaBlend,
  boxBlur,
  gaussianBlur,
  grayscale,
  lookUp,
  resize,
  sobel,
  tableOf,
} from './image.ts'
export * from './matrix.ts'
export * from './order.ts'
export * from './random.ts'
export * from './search.ts'
export * from './vectors.ts'

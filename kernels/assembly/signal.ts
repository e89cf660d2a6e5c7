/** Signals: Fourier transforms, convolution, filters. */
export * from './signal/fourier'
export * from './signal/filter'

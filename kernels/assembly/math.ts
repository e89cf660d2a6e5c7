/**
 * The vector math functions, in one module: f64x2_sin(x: v128): v128 and so on, f32x4_…, the scalar companions f64_… and
 * f32_… with the same bits, and the slow paths slow_…. Contract and errors: docs/kernels/math.md.
 */
export * from './math-trigonometric'
export * from './math-inverse'
export * from './math-exponential'
export * from './math-logarithm'
export * from './math-power'
export * from './math-special'
export * from './math-gamma'

/** Linear algebra over row-major matrices. Names are <primitive>_<element type>. */
export { gemm_f64, gemm_f32 } from './matrix/multiply'
export { gemv_f64, gemv_f32, gevm_f64, gevm_f32 } from './matrix/rows'
export {
  cholesky_f64, cholesky_f32, lu_f64, lu_f32, solve_f64, solve_f32, permute_f64, permute_f32,
} from './matrix/factor'

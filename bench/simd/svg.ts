import { ratioChart } from '../scalar/svg.ts'
import type { Row } from './run.ts'

/** JS time / SIMD time of each kernel. */
export const simdChart = (rows: readonly Row[]): string =>
  ratioChart(
    rows.map(row => ({ kernel: row.kernel, ratio: row.jsNs / row.simdNs })),
    'JS time / Iris time, SIMD Wasm on one thread, arrays in kernel memory',
  )

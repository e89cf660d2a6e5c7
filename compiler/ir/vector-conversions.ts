import { big, C, map, same, type Table, unsigned, type VectorOpInfo, wrap } from './vector-lanes.ts'
import { type IntegerVector, LANE_BITS, LANES, type Lane, type Lanes, type VectorType } from './vector-types.ts'

/** Conversions between lane types. `low`/`high`: of the half of the lanes; `zero`: the missing lanes are 0. */
export function conversions(): Table {
  const toUnsigned32 = (lane: Lane): number => Number(lane) >>> 0
  const saturate =
    (low: number, high: number) =>
    (lane: Lane): Lane => {
      const x = Number(lane)
      return Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high)) | 0
    }
  const signed = saturate(-(2 ** 31), 2 ** 31 - 1)
  const positive = (lane: Lane): Lane => {
    const x = Number(lane)
    return Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, 0), 2 ** 32 - 1)) | 0
  }
  const one = (
    name: string,
    from: VectorType,
    to: VectorType,
    f: (a: Lanes) => Lanes,
    wasm: string,
  ): [string, VectorOpInfo] => [name, { params: [from], result: to, eval: f, wasm }]
  return Object.fromEntries([
    one('f64x2.from_i32x4_low_s', 'i32x4', 'f64x2', a => [Number(a[0]), Number(a[1])], 'f64x2.convert_low_i32x4_s'),
    one(
      'f64x2.from_i32x4_low_u',
      'i32x4',
      'f64x2',
      a => [toUnsigned32(a[0]!), toUnsigned32(a[1]!)],
      'f64x2.convert_low_i32x4_u',
    ),
    one('f64x2.promote_low', 'f32x4', 'f64x2', a => [a[0]!, a[1]!], 'f64x2.promote_low_f32x4'),
    one(
      'f32x4.demote_zero',
      'f64x2',
      'f32x4',
      a => [Math.fround(Number(a[0])), Math.fround(Number(a[1])), 0, 0],
      'f32x4.demote_f64x2_zero',
    ),
    one('f32x4.from_i32x4_s', 'i32x4', 'f32x4', a => map(a, x => Math.fround(Number(x))), 'f32x4.convert_i32x4_s'),
    one(
      'f32x4.from_i32x4_u',
      'i32x4',
      'f32x4',
      a => map(a, x => Math.fround(toUnsigned32(x))),
      'f32x4.convert_i32x4_u',
    ),
    one(
      'i32x4.trunc_sat_f64x2_s_zero',
      'f64x2',
      'i32x4',
      a => [...map(a, signed), 0, 0],
      'i32x4.trunc_sat_f64x2_s_zero',
    ),
    one(
      'i32x4.trunc_sat_f64x2_u_zero',
      'f64x2',
      'i32x4',
      a => [...map(a, positive), 0, 0],
      'i32x4.trunc_sat_f64x2_u_zero',
    ),
    one('i32x4.trunc_sat_f32x4_s', 'f32x4', 'i32x4', a => map(a, signed), 'i32x4.trunc_sat_f32x4_s'),
    one('i32x4.trunc_sat_f32x4_u', 'f32x4', 'i32x4', a => map(a, positive), 'i32x4.trunc_sat_f32x4_u'),
    ...extensions('i64x2', 'i32x4'),
    ...extensions('i32x4', 'i16x8'),
    ...extensions('i16x8', 'i8x16'),
    ...narrowings('i16x8', 'i32x4'),
    ...narrowings('i8x16', 'i16x8'),
    ['i32x4.dot_i16x8_s', { params: same('i16x8', 2), result: 'i32x4', eval: dot, wasm: 'i32x4.dot_i16x8_s', ...C }],
  ] as [string, VectorOpInfo][])
}

const dot = (a: Lanes, b: Lanes): Lanes =>
  [0, 1, 2, 3].map(i => (Number(a[2 * i]) * Number(b[2 * i]) + Number(a[2 * i + 1]) * Number(b[2 * i + 1])) | 0)

function extensions(to: IntegerVector, from: IntegerVector): [string, VectorOpInfo][] {
  const half = LANES[to]
  return (['low', 'high'] as const).flatMap(part =>
    (['s', 'u'] as const).map((sign): [string, VectorOpInfo] => {
      const start = part === 'low' ? 0 : half
      const evaluate = (a: Lanes): Lanes =>
        a.slice(start, start + half).map(x => wrap(to, sign === 's' ? big(x) : unsigned(from, x)))
      return [
        `${to}.extend_${part}_${from}_${sign}`,
        { params: [from], result: to, eval: evaluate, wasm: `${to}.extend_${part}_${from}_${sign}` },
      ]
    }),
  )
}

/** Two vectors into one of half the width, saturating: the source lanes are signed. */
function narrowings(to: IntegerVector, from: IntegerVector): [string, VectorOpInfo][] {
  const bits = BigInt(LANE_BITS[to])
  return (['s', 'u'] as const).map((sign): [string, VectorOpInfo] => {
    const low = sign === 's' ? -(1n << (bits - 1n)) : 0n
    const high = sign === 's' ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n
    const clampLane = (x: Lane): Lane => wrap(to, big(x) < low ? low : big(x) > high ? high : big(x))
    return [
      `${to}.narrow_${from}_${sign}`,
      {
        params: same(from, 2),
        result: to,
        eval: (a: Lanes, b: Lanes) => [...map(a, clampLane), ...map(b, clampLane)],
        wasm: `${to}.narrow_${from}_${sign}`,
      },
    ]
  })
}

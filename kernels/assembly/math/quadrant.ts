/**
 * Payne and Hanek's reduction by π/2 for arguments of any size (M. Payne, R. Hanek, "Radian reduction for
 * trigonometric functions", SIGNUM 1983), in 128-bit fixed point: 2/π is known to 1280 bits, the 192 that matter are
 * multiplied by the significand, and 126 bits of fraction of a quarter turn are left. The worst double keeps more than
 * 60 of them (Kahan; Muller et al., Handbook of Floating-Point Arithmetic, 2nd ed., table 11.1).
 */

/** Word i of the binary expansion of 2/π, most significant first; zero in front of the point. In code, not in memory. */
function twoOverPi(i: i32): u64 {
  switch (i) {
    case 0: return 0xa2f9836e4e441529
    case 1: return 0xfc2757d1f534ddc0
    case 2: return 0xdb6295993c439041
    case 3: return 0xfe5163abdebbc561
    case 4: return 0xb7246e3a424dd2e0
    case 5: return 0x06492eea09d1921c
    case 6: return 0xfe1deb1cb129a73e
    case 7: return 0xe88235f52ebb4484
    case 8: return 0xe99c7026b45f7e41
    case 9: return 0x3991d639835339f4
    case 10: return 0x9c845f8bbdf9283b
    case 11: return 0x1ff897ffde05980f
    case 12: return 0xef2f118b5a0a6d1f
    case 13: return 0x6d367ecf27cb09b7
    case 14: return 0x4f463f669e5fea2d
    case 15: return 0x7527bac7ebe5f17b
    case 16: return 0x3d0739f78a5292ea
    case 17: return 0x6bfb5fb11f8d5d08
    case 18: return 0x56033046fc7b6bab
    case 19: return 0xf0cfbc209af4361d
    default: return 0
  }
}

/** 64 bits of 2/π from bit `offset` (counted from the binary point) on. */
function bitsOfTwoOverPi(offset: i32): u64 {
  const shift = <u64>(offset & 63)
  const first = twoOverPi(offset >> 6) << shift
  return shift ? first | (twoOverPi((offset >> 6) + 1) >> (64 - shift)) : first
}

function upperProduct(a: u64, b: u64): u64 {
  const al = a & 0xffff_ffff
  const ah = a >> 32
  const bl = b & 0xffff_ffff
  const bh = b >> 32
  const middle = ah * bl + ((al * bl) >> 32)
  return ah * bh + (middle >> 32) + ((al * bh + (middle & 0xffff_ffff)) >> 32)
}

/**
 * |x| · 2/π modulo 4 in units of 2^-126, as an unsigned 128-bit number: lane 1 is its upper half. The two topmost bits
 * are the quadrant, the rest is the fraction. For finite x.
 */
export function quarterTurns(x: f64): v128 {
  const encoding = reinterpret<u64>(x) & 0x7fff_ffff_ffff_ffff
  const m = (encoding & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000
  // x = m · 2^e: bits of 2/π above weight 2^(2-e) only add whole turns.
  const e = <i32>(encoding >> 52) - 1075
  const w0 = bitsOfTwoOverPi(e - 2)
  const w1 = bitsOfTwoOverPi(e + 62)
  const w2 = bitsOfTwoOverPi(e + 126)
  const middle = m * w1
  const low = middle + upperProduct(m, w2)
  const high = m * w0 + upperProduct(m, w1) + u64(low < middle)
  return i64x2.replace_lane(i64x2.splat(low), 1, high)
}

/** The quadrant nearest to `turns` (0 to 3, 4 meaning 0 again). */
export function nearestQuadrant(turns: v128): i64 {
  const high = <u64>i64x2.extract_lane(turns, 1)
  return <i64>(high >> 62) + <i64>((high >> 61) & 1)
}

/** What remains of `turns` past the nearest quadrant, in quarter turns from -1/2 to 1/2: lane 0 + lane 1. */
export function remainder(turns: v128): v128 {
  let high = <u64>i64x2.extract_lane(turns, 1) << 2
  let low = <u64>i64x2.extract_lane(turns, 0)
  high |= low >> 62
  low <<= 2
  const negative = <i64>high < 0
  if (negative) {
    high = ~high + u64(low == 0)
    low = 0 - low
  }
  let scale: i32 = 0
  if (high == 0) {
    high = low
    low = 0
    scale = 64
  }
  if (high == 0) return f64x2.splat(0)
  const zeros = clz(high)
  if (zeros) high = (high << zeros) | (low >> (64 - zeros))
  low <<= zeros
  scale += <i32>zeros
  // high has its top bit set: 53 bits go to the first double, the next 64 to the second.
  const unit = reinterpret<f64>((<u64>(1023 - 64 - scale)) << 52)
  const head = <f64>(high >> 11) * 2048.0 * unit
  const tail = <f64>((high << 53) | (low >> 11)) * 1.1102230246251565e-16 * unit
  const sign: f64 = negative ? -1 : 1
  return f64x2.replace_lane(f64x2.splat(sign * head), 1, sign * tail)
}

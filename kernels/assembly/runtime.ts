/**
 * Scalar functions that have no Wasm instruction and that every compiled module may need. compiler/target/link.ts
 * copies the ones that are called (and what they call) into the module being compiled.
 */

const MANTISSA: u64 = 0x000f_ffff_ffff_ffff
const HIDDEN: u64 = 0x0010_0000_0000_0000
const MAGNITUDE: u64 = 0x7fff_ffff_ffff_ffff
const INFINITY_BITS: u64 = 0x7ff0_0000_0000_0000

/**
 * JavaScript's `a % b`: exact, the sign of `a` kept (also for a zero result), NaN for b = 0 and infinite a. The whole
 * numbers below 2^31 do not come here: compiled code divides them in place.
 */
export function fmod(a: f64, b: f64): f64 {
  return abs(a) < abs(b) ? a : longDivision(a, b)
}

/**
 * Long division of the mantissas, as many bits a step as the 64-bit register has room for above the divisor
 * (glibc 2.38, sysdeps/ieee754/dbl-64/e_fmod.c): 11 bits, and more where the divisor ends in zero bits.
 */
function longDivision(a: f64, b: f64): f64 {
  const x = reinterpret<u64>(a) & MAGNITUDE
  const y = reinterpret<u64>(b) & MAGNITUDE
  const sign = reinterpret<u64>(a) & ~MAGNITUDE
  if (y == 0 || y > INFINITY_BITS || x >= INFINITY_BITS) return NaN
  if (x < y) return a
  if (x == y) return reinterpret<f64>(sign)

  let xe = <i32>(x >> 52)
  let ye = <i32>(y >> 52)
  let xm = x & MANTISSA
  let ym = y & MANTISSA
  if (xe == 0) xe = 1
  else xm |= HIDDEN
  if (ye == 0) ye = 1
  else ym |= HIDDEN

  if (xe - ye <= 11) {
    // The whole dividend fits the register at once.
    xm = (xm << <u64>(xe - ye)) % ym
  } else {
    // The divisor's trailing zeros give away whole binary exponents: dividing by 2^zeros makes it shorter.
    const drop = min(xe - ye, <i32>ctz(ym))
    let rest = xe - ye - drop
    ym >>= <u64>drop
    ye += drop
    const step = <i32>clz(ym)
    xm %= ym
    while (rest > 0 && xm != 0) {
      const shift = min(rest, step)
      xm = (xm << <u64>shift) % ym
      rest -= shift
    }
  }
  return reinterpret<f64>(sign | assemble(xm, ye))
}

/** The double mantissa · 2^(exponent - 1075) of a mantissa below 2^53; exact, since the result is a multiple of an ulp of both. */
function assemble(mantissa: u64, exponent: i32): u64 {
  if (mantissa == 0) return 0
  const shift = min(<i32>clz(mantissa) - 11, exponent - 1)
  const aligned = mantissa << <u64>shift
  const biased = exponent - shift
  return aligned >= HIDDEN ? (aligned & MANTISSA) | ((<u64>biased) << 52) : aligned
}

/**
 * Whether m bytes at x and n bytes at y have some in common; the same bytes do not count where `inPlace`. The rule by which
 * src/kernels/checks.ts refuses an output (`apart`), on addresses.
 */
export function overlap(x: usize, m: u32, y: usize, n: u32, inPlace: i32): i32 {
  if (<u64>x >= <u64>y + n || <u64>y >= <u64>x + m) return 0
  return i32(!(inPlace != 0 && x == y && m == n))
}

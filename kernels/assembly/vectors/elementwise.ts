/** One result for each element. Lanes are independent: the bits are those of a loop over the elements. */

const ADD: i32 = 0
const SUB: i32 = 1
const MUL: i32 = 2
const DIV: i32 = 3

// @ts-ignore: decorator
@inline function lanes<T>(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return v128.add<T>(a, b)
  if (op == SUB) return v128.sub<T>(a, b)
  if (op == MUL) return v128.mul<T>(a, b)
  if (isFloat<T>()) return v128.div<T>(a, b)
  return a
}

// @ts-ignore: decorator
@inline function one<T>(op: i32, a: T, b: T): T {
  if (op == ADD) return <T>(a + b)
  if (op == SUB) return <T>(a - b)
  if (op == MUL) return <T>(a * b)
  return <T>(a / b)
}

// @ts-ignore: decorator
@inline function binary<T>(op: i32, x: usize, y: usize, out: usize, n: i32): void {
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~63)
  while (x < end) {
    const a = lanes<T>(op, v128.load(x), v128.load(y))
    const b = lanes<T>(op, v128.load(x, 16), v128.load(y, 16))
    const c = lanes<T>(op, v128.load(x, 32), v128.load(y, 32))
    const d = lanes<T>(op, v128.load(x, 48), v128.load(y, 48))
    v128.store(out, a)
    v128.store(out, b, 16)
    v128.store(out, c, 32)
    v128.store(out, d, 48)
    x += 64
    y += 64
    out += 64
  }
  while (x < last) {
    store<T>(out, one<T>(op, load<T>(x), load<T>(y)))
    x += sizeof<T>()
    y += sizeof<T>()
    out += sizeof<T>()
  }
}

// @ts-ignore: decorator
@inline function withNumber<T>(op: i32, x: usize, y: T, out: usize, n: i32): void {
  const yy = v128.splat<T>(y)
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~63)
  while (x < end) {
    const a = lanes<T>(op, v128.load(x), yy)
    const b = lanes<T>(op, v128.load(x, 16), yy)
    const c = lanes<T>(op, v128.load(x, 32), yy)
    const d = lanes<T>(op, v128.load(x, 48), yy)
    v128.store(out, a)
    v128.store(out, b, 16)
    v128.store(out, c, 32)
    v128.store(out, d, 48)
    x += 64
    out += 64
  }
  while (x < last) {
    store<T>(out, one<T>(op, load<T>(x), y))
    x += sizeof<T>()
    out += sizeof<T>()
  }
}

export function add_f64(x: usize, y: usize, out: usize, n: i32): void { binary<f64>(ADD, x, y, out, n) }
export function add_f32(x: usize, y: usize, out: usize, n: i32): void { binary<f32>(ADD, x, y, out, n) }
export function add_i32(x: usize, y: usize, out: usize, n: i32): void { binary<i32>(ADD, x, y, out, n) }
export function sub_f64(x: usize, y: usize, out: usize, n: i32): void { binary<f64>(SUB, x, y, out, n) }
export function sub_f32(x: usize, y: usize, out: usize, n: i32): void { binary<f32>(SUB, x, y, out, n) }
export function sub_i32(x: usize, y: usize, out: usize, n: i32): void { binary<i32>(SUB, x, y, out, n) }
export function mul_f64(x: usize, y: usize, out: usize, n: i32): void { binary<f64>(MUL, x, y, out, n) }
export function mul_f32(x: usize, y: usize, out: usize, n: i32): void { binary<f32>(MUL, x, y, out, n) }
export function mul_i32(x: usize, y: usize, out: usize, n: i32): void { binary<i32>(MUL, x, y, out, n) }
export function div_f64(x: usize, y: usize, out: usize, n: i32): void { binary<f64>(DIV, x, y, out, n) }
export function div_f32(x: usize, y: usize, out: usize, n: i32): void { binary<f32>(DIV, x, y, out, n) }
export function addNumber_f64(x: usize, y: f64, out: usize, n: i32): void { withNumber<f64>(ADD, x, y, out, n) }
export function addNumber_f32(x: usize, y: f32, out: usize, n: i32): void { withNumber<f32>(ADD, x, y, out, n) }
export function addNumber_i32(x: usize, y: i32, out: usize, n: i32): void { withNumber<i32>(ADD, x, y, out, n) }
export function subNumber_f64(x: usize, y: f64, out: usize, n: i32): void { withNumber<f64>(SUB, x, y, out, n) }
export function subNumber_f32(x: usize, y: f32, out: usize, n: i32): void { withNumber<f32>(SUB, x, y, out, n) }
export function subNumber_i32(x: usize, y: i32, out: usize, n: i32): void { withNumber<i32>(SUB, x, y, out, n) }
export function mulNumber_f64(x: usize, y: f64, out: usize, n: i32): void { withNumber<f64>(MUL, x, y, out, n) }
export function mulNumber_f32(x: usize, y: f32, out: usize, n: i32): void { withNumber<f32>(MUL, x, y, out, n) }
export function mulNumber_i32(x: usize, y: i32, out: usize, n: i32): void { withNumber<i32>(MUL, x, y, out, n) }
export function divNumber_f64(x: usize, y: f64, out: usize, n: i32): void { withNumber<f64>(DIV, x, y, out, n) }
export function divNumber_f32(x: usize, y: f32, out: usize, n: i32): void { withNumber<f32>(DIV, x, y, out, n) }

/** out = a x + y, rounded twice. */
// @ts-ignore: decorator
@inline function axpy<T>(a: T, x: usize, y: usize, out: usize, n: i32): void {
  const aa = v128.splat<T>(a)
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~31)
  while (x < end) {
    const p = v128.add<T>(v128.mul<T>(aa, v128.load(x)), v128.load(y))
    const q = v128.add<T>(v128.mul<T>(aa, v128.load(x, 16)), v128.load(y, 16))
    v128.store(out, p)
    v128.store(out, q, 16)
    x += 32
    y += 32
    out += 32
  }
  while (x < last) {
    store<T>(out, <T>(<T>(a * load<T>(x)) + load<T>(y)))
    x += sizeof<T>()
    y += sizeof<T>()
    out += sizeof<T>()
  }
}
export function axpy_f64(a: f64, x: usize, y: usize, out: usize, n: i32): void { axpy<f64>(a, x, y, out, n) }
export function axpy_f32(a: f32, x: usize, y: usize, out: usize, n: i32): void { axpy<f32>(a, x, y, out, n) }

/** x below low: low; x above high: high; else x, also where it is NaN. */
// @ts-ignore: decorator
@inline function clampLanes<T>(x: v128, low: v128, high: v128): v128 {
  if (isFloat<T>()) return v128.pmin<T>(v128.pmax<T>(x, low), high)
  return v128.min<T>(v128.max<T>(x, low), high)
}
// @ts-ignore: decorator
@inline function clamp<T>(x: usize, low: T, high: T, out: usize, n: i32): void {
  const ll = v128.splat<T>(low), hh = v128.splat<T>(high)
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~31)
  while (x < end) {
    const a = clampLanes<T>(v128.load(x), ll, hh)
    const b = clampLanes<T>(v128.load(x, 16), ll, hh)
    v128.store(out, a)
    v128.store(out, b, 16)
    x += 32
    out += 32
  }
  while (x < last) {
    const v = load<T>(x)
    store<T>(out, v < low ? low : v > high ? high : v)
    x += sizeof<T>()
    out += sizeof<T>()
  }
}
export function clamp_f64(x: usize, low: f64, high: f64, out: usize, n: i32): void { clamp<f64>(x, low, high, out, n) }
export function clamp_f32(x: usize, low: f32, high: f32, out: usize, n: i32): void { clamp<f32>(x, low, high, out, n) }
export function clamp_i32(x: usize, low: i32, high: i32, out: usize, n: i32): void { clamp<i32>(x, low, high, out, n) }
export function clamp_i8(x: usize, low: i32, high: i32, out: usize, n: i32): void { clamp<i8>(x, <i8>low, <i8>high, out, n) }
export function clamp_u8(x: usize, low: i32, high: i32, out: usize, n: i32): void { clamp<u8>(x, <u8>low, <u8>high, out, n) }

/** Sums of all elements up to each, in order, held as a double (i32: modulo 2^32). */
export function cumsum_f64(x: usize, out: usize, n: i32): void {
  let s: f64 = 0
  const last = x + <usize>n * 8
  for (; x < last; x += 8, out += 8) store<f64>(out, (s += load<f64>(x)))
}
export function cumsum_f32(x: usize, out: usize, n: i32): void {
  let s: f64 = 0
  const last = x + <usize>n * 4
  for (; x < last; x += 4, out += 4) store<f32>(out, <f32>(s += <f64>load<f32>(x)))
}
export function cumsum_i32(x: usize, out: usize, n: i32): void {
  let s: i32 = 0
  const last = x + <usize>n * 4
  for (; x < last; x += 4, out += 4) store<i32>(out, (s += load<i32>(x)))
}

/**
 * Discrete Fourier transforms. Complex numbers are interleaved: re, im, re, im, …; n of them are 2n elements. Computed in
 * doubles, f32 rounded once at the end; the relative error (in the root mean square) is below 2^-52 · log2 n.
 */
import { nameKernels } from '../../base/library.ts'
import { type Call, run } from './call.ts'
import { FLOATS, type Floats, kindOf, outputOf, whole, wrongLength } from './checks.ts'
import { atOnce, entry, library } from './library.ts'

const isPower = (n: number): boolean => (n & (n - 1)) === 0
const powerFrom = (n: number): number => 2 ** Math.ceil(Math.log2(n))
const MOST = 2 ** 26

/**
 * X[k] = Σ x[j] exp(-2πi j k / n) of n complex numbers, any n. `out` may be x. O(n log n): Stockham in radix 4 for powers of
 * two, else Bluestein (L. Bluestein, "A linear filtering approach to the computation of discrete Fourier transform", 1970).
 * @throws IrisError IRIS4101, IRIS4102 when the number of elements is odd, IRIS4103
 */
export function fft<T extends Floats>(x: T, out?: T): T {
  return complexTransform('fft', x, out, false)
}

/** x[j] = 1/n Σ X[k] exp(2πi j k / n), the inverse of {@link fft}. `out` may be x. @throws IrisError IRIS4101, IRIS4102, IRIS4103 */
export function ifft<T extends Floats>(x: T, out?: T): T {
  return complexTransform('ifft', x, out, true)
}

function complexTransform<T extends Floats>(kernel: string, x: T, out: T | undefined, inverse: boolean): T {
  const elem = kindOf(kernel, 'x', x, FLOATS)
  if (x.length % 2 !== 0) throw wrongLength(kernel, 'x', x.length, 'an even number')
  const n = x.length / 2
  whole(kernel, 'length of x', n, 0, MOST)
  const to = outputOf(kernel, out, elem, x.length, [['x', x]], true)
  if (n === 0) return to
  return run(
    call => {
      const from = doubles(call, x, elem)
      const target = elem === 'f64' ? call.out(to) : call.room(16 * n)
      transform(call, n, from, target, inverse)
      if (elem === 'f32') entry('signal', 'narrow')(target, 2 * n, call.out(to))
    },
    () => to,
  )
}

/** Address of the elements as doubles. */
function doubles(call: Call, x: Floats, elem: 'f64' | 'f32'): number {
  const at = call.in(x)
  if (elem === 'f64') return at
  const wide = call.room(8 * x.length)
  entry('signal', 'widen')(at, x.length, wide)
  return wide
}

/** n complex doubles at `from`, which stay unless `to` is the same place. */
function transform(call: Call, n: number, from: number, to: number, inverse: boolean): void {
  if (inverse) {
    const exchange = entry('signal', 'exchange')
    const turned = call.room(16 * n)
    exchange(from, n, turned, 1)
    transform(call, n, turned, to, false)
    exchange(to, n, to, 1 / n)
  } else if (isPower(n)) entry('signal', 'transform')(n, from, to, call.room(16 * n), rootsOf(call, n))
  else bluestein(call, n, from, to)
}

const rootsOf = (call: Call, n: number): number => table(call, `roots ${n}`, 16 * n, values => fillRoots(values, n, n))

/** The transform as a convolution with a chirp, exp(-πi k²/n), by transforms whose length m is a power of two. */
function bluestein(call: Call, n: number, from: number, to: number): void {
  const m = powerFrom(2 * n - 1)
  const chirp = table(call, `chirp ${n}`, 16 * n, values => fillChirp(values, n))
  const spectrum = table(call, `chirp spectrum ${n}`, 16 * m, values => fillChirpSpectrum(call, values, n, m))
  const [padded, product, work] = [call.room(16 * m), call.room(16 * m), call.room(16 * m)]
  const roots = rootsOf(call, m)
  const multiply = entry('signal', 'multiply')
  const forward = entry('signal', 'transform')
  multiply(from, chirp, n, padded)
  call.view('f64', padded + 16 * n, 2 * (m - n)).fill(0)
  forward(m, padded, product, work, roots)
  multiply(product, spectrum, m, product)
  entry('signal', 'exchange')(product, m, product, 1)
  forward(m, product, padded, work, roots)
  entry('signal', 'exchange')(padded, n, padded, 1 / m)
  multiply(padded, chirp, n, to)
}

/** k² is reduced modulo 2n as a whole number, so that the angle is exact for large k. */
function fillChirp(values: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    const [re, im] = root(squareModulo(k, 2 * n), 2 * n)
    values[2 * k] = re
    values[2 * k + 1] = im
  }
}
/** Below 2^26 squares are exact. */
const squareModulo = (k: number, modulus: number): number => (k * k) % modulus

/** The transform of the conjugate chirp, laid around the circle. */
function fillChirpSpectrum(call: Call, values: Float64Array, n: number, m: number): void {
  fillChirp(values, n)
  for (let k = 0; k < n; k++) {
    values[2 * k + 1]! *= -1
    if (k > 0) values.copyWithin(2 * (m - k), 2 * k, 2 * k + 2)
  }
  const [from, to] = [call.room(16 * m), call.room(16 * m)]
  call.view('f64', from, 2 * m).set(values)
  entry('signal', 'transform')(m, from, to, call.room(16 * m), rootsOf(call, m))
  values.set(call.view('f64', to, 2 * m))
}

/**
 * The spectrum of n real numbers: ⌊n/2⌋ + 1 complex ones (the others are their conjugates). O(n log n), for even n by a
 * complex transform of half the length. @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function rfft<T extends Floats>(x: T, out?: T): T {
  const elem = kindOf('rfft', 'x', x, FLOATS)
  const n = whole('rfft', 'length of x', x.length, 0, MOST)
  const size = n === 0 ? 0 : 2 * Math.floor(n / 2) + 2
  const to = outputOf('rfft', out, elem, size, [['x', x]])
  if (n === 0) return to
  return run(
    call => {
      const target = elem === 'f64' ? call.out(to) : call.room(8 * size)
      spectrum(call, n, doubles(call, x, elem), target)
      if (elem === 'f32') entry('signal', 'narrow')(target, size, call.out(to))
    },
    () => to,
  )
}

/** n real doubles to ⌊n/2⌋ + 1 complex ones. */
export function spectrum(call: Call, n: number, from: number, to: number): void {
  if (n % 2 === 0) {
    transform(call, n / 2, from, to, false)
    entry('signal', 'unravel')(to, n / 2, halfRootsOf(call, n), to)
    return
  }
  const [all, result] = [call.room(16 * n), call.room(16 * n)]
  entry('signal', 'complex')(from, n, all)
  transform(call, n, all, result, false)
  entry('signal', 'copy')(result, 8 * (n + 1), to)
}

const halfRootsOf = (call: Call, n: number): number =>
  table(call, `half roots ${n}`, 8 * n, values => fillRoots(values, n, n / 2))

/**
 * The n real numbers whose spectrum is x (⌊n/2⌋ + 1 complex ones): the inverse of {@link rfft}. Imaginary parts that a real
 * signal cannot have (of x[0] and, for even n, of x[n/2]) are ignored. O(n log n).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function irfft<T extends Floats>(x: T, n: number, out?: T): T {
  const elem = kindOf('irfft', 'x', x, FLOATS)
  whole('irfft', 'n', n, 0, MOST)
  const size = n === 0 ? 0 : 2 * Math.floor(n / 2) + 2
  if (x.length !== size) throw wrongLength('irfft', 'x', x.length, size)
  const to = outputOf('irfft', out, elem, n, [['x', x]])
  if (n === 0) return to
  return run(
    call => {
      const target = elem === 'f64' ? call.out(to) : call.room(8 * n)
      unspectrum(call, n, doubles(call, x, elem), target)
      if (elem === 'f32') entry('signal', 'narrow')(target, n, call.out(to))
    },
    () => to,
  )
}

export function unspectrum(call: Call, n: number, from: number, to: number): void {
  const hermitian = entry('signal', 'hermitian')
  if (n % 2 === 0) {
    const m = n / 2
    const [own, z, result] = [call.room(8 * (n + 2)), call.room(16 * m), call.room(16 * m)]
    hermitian(from, n, own)
    entry('signal', 'ravel')(own, m, halfRootsOf(call, n), z)
    transform(call, m, z, result, false)
    entry('signal', 'exchange')(result, m, to, 1 / n)
    return
  }
  const [all, result] = [call.room(16 * n), call.room(16 * n)]
  hermitian(from, n, all)
  entry('signal', 'mirror')(all, n)
  transform(call, n, all, result, true)
  entry('signal', 'real')(result, n, to)
}

/** Tables kept; of those that no call uses, the one least recently used goes first. All of those go when memory is full. */
const KEPT = 12

interface Table {
  readonly address: number
  /** calls under way, also on threads */
  users: number
}

const tables = new Map<string, Table>()
let isKnownToMemory = false

/** Address of a table in kernel memory, filled when it is first asked for. It stays until the call has ended. */
function table(call: Call, name: string, bytes: number, fill: (values: Float64Array) => void): number {
  const used = tables.get(name) ?? make(bytes, fill)
  tables.delete(name)
  tables.set(name, used)
  used.users++
  call.atEnd(() => {
    used.users--
    dropUnused(KEPT)
  })
  dropUnused(KEPT)
  return used.address
}

function make(bytes: number, fill: (values: Float64Array) => void): Table {
  const values = new Float64Array(bytes / 8)
  atOnce(() => fill(values))
  const { memory } = library()
  if (!isKnownToMemory) memory.onFull(() => dropUnused(0))
  isKnownToMemory = true
  const address = memory.take(bytes)
  memory.heap.f64.set(values, address / 8)
  return { address, users: 0 }
}

/** Until no more than `kept` are left, or all others are in use. */
function dropUnused(kept: number): void {
  if (tables.size <= kept) return
  for (const [name, { address, users }] of tables) {
    if (users > 0) continue
    tables.delete(name)
    library().memory.give(address)
    if (tables.size <= kept) return
  }
}

/** exp(-2πi k / n) for k < count, interleaved. The angle is reduced to an eighth of a turn, where sin and cos are best. */
function fillRoots(values: Float64Array, n: number, count: number): void {
  for (let k = 0; k < count; k++) {
    const [re, im] = root(k % n, n)
    values[2 * k] = re
    values[2 * k + 1] = im
  }
}

/** exp(-2πi k / n), 0 ≤ k < n */
function root(k: number, n: number): readonly [number, number] {
  const octant = Math.floor((8 * k) / n)
  const angle = (from: number): number => (2 * Math.PI * from) / n
  switch (octant) {
    case 0:
      return [Math.cos(angle(k)), -Math.sin(angle(k))]
    case 1:
      return [Math.sin(angle(n / 4 - k)), -Math.cos(angle(n / 4 - k))]
    case 2:
      return [-Math.sin(angle(k - n / 4)), -Math.cos(angle(k - n / 4))]
    case 3:
      return [-Math.cos(angle(n / 2 - k)), -Math.sin(angle(n / 2 - k))]
    default: {
      const [re, im] = root(k - n / 2, n)
      return [-re, -im]
    }
  }
}

nameKernels({ fft, ifft, rfft, irfft })

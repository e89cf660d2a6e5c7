/**
 * Argument generators. A {@link Kind} draws one argument; the {@link Draw} it gets decides whether numbers are ordinary
 * or edge values, whether arrays have their usual length, and whether they are of their usual class.
 */

/** What numbers of a call look like; `count` kinds stay small in every mode, so that no original runs for hours. */
export type Numbers = 'plain' | 'edge' | 'huge' | 'special'
export type Lengths = 'usual' | 'empty' | 'short' | 'long'
export type ArrayClass = 'given' | 'swapped'

export interface Mode {
  readonly numbers: Numbers
  readonly lengths: Lengths
  readonly arrays: ArrayClass
}

export const PLAIN: Mode = { numbers: 'plain', lengths: 'usual', arrays: 'given' }

export interface Draw {
  readonly mode: Mode
  /** uniform in [0, 1) */
  random(): number
}

export type Kind = (draw: Draw) => unknown

const EDGES = [0, -0, 1, -1, 0.5, -0.5, 0.1, -1.5, 2, 3, 255, 256, 65536, 2 ** 31, -(2 ** 31), 2 ** 32 + 5, 2 ** 53]
const SPECIAL = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -5e-324]
const HUGE = [1e300, -1e300, 1.7976931348623157e308, 2 ** 53 + 2, -1e21, 1e-300]
const SMALL_EDGES = [0, -0, 1, -1, 2, 1.5, -2.5, Number.NaN]

const pick = (draw: Draw, values: readonly number[]): number => values[Math.floor(draw.random() * values.length)] ?? 0

/** mulberry32, by Tommy Ettinger: 32 bits of state are plenty for arguments. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a: the same function always gets the same arguments. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function extreme(draw: Draw): number | undefined {
  const { numbers } = draw.mode
  if (numbers === 'plain' || draw.random() > 0.6) return undefined
  return pick(draw, numbers === 'edge' ? EDGES : numbers === 'huge' ? HUGE : SPECIAL)
}

/** Any number; ordinary ones are in [lo, hi). */
export const num =
  (lo = -10, hi = 10): Kind =>
  draw =>
    extreme(draw) ?? lo + draw.random() * (hi - lo)
/** An integer in [lo, hi], where the function takes any number. */
export const int =
  (lo = 0, hi = 10): Kind =>
  draw =>
    extreme(draw) ?? Math.floor(lo + draw.random() * (hi - lo + 1))
/** A number of steps, a size, a radius: small in every mode. */
export const count =
  (lo = 1, hi = 8): Kind =>
  draw =>
    draw.mode.numbers !== 'plain' && draw.random() < 0.5
      ? pick(draw, SMALL_EDGES)
      : Math.floor(lo + draw.random() * (hi - lo + 1))
export const unit: Kind = num(0, 1)
export const angle: Kind = num(-3.2, 3.2)
export const byte: Kind = int(0, 255)
export const word: Kind = int(-(2 ** 31), 2 ** 31 - 1)
export const flag: Kind = draw => draw.random() < 0.5
export const constant =
  (value: unknown): Kind =>
  () =>
    value
export const oneOf =
  (...values: readonly unknown[]): Kind =>
  draw =>
    values[Math.floor(draw.random() * values.length)]

function lengthOf(draw: Draw, usual: number): number {
  switch (draw.mode.lengths) {
    case 'empty':
      return 0
    case 'short':
      return Math.min(usual, 1)
    case 'long':
      return usual * 3 + 1
    default:
      return usual
  }
}

const items = (draw: Draw, kind: Kind, length: number): unknown[] => Array.from({ length }, () => kind(draw))

type NumberArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
interface NumberArrayClass {
  new (values: ArrayLike<number>): NumberArray
}

/** A plain array of `length` numbers; the other class is Float64Array. */
export const list =
  (length = 8, of: Kind = num()): Kind =>
  draw => {
    const values = items(draw, of, lengthOf(draw, length))
    return draw.mode.arrays === 'swapped' ? Float64Array.from(values as number[]) : values
  }
/** A typed array; the other class is a plain array. */
export const typed =
  (type: NumberArrayClass, length = 8, of: Kind = num()): Kind =>
  draw => {
    const values = new type(items(draw, of, lengthOf(draw, length)) as number[])
    return draw.mode.arrays === 'swapped' ? [...values] : values
  }
export const f32 = (length = 8, of: Kind = num()): Kind => typed(Float32Array, length, of)
export const f64 = (length = 8, of: Kind = num()): Kind => typed(Float64Array, length, of)
export const u8 = (length = 32): Kind => typed(Uint8Array, length, byte)

/** An array of exactly these kinds, never shortened: a point, a colour. */
export const tuple =
  (...kinds: readonly Kind[]): Kind =>
  draw =>
    kinds.map(kind => kind(draw))
/** An array of arrays or objects. */
export const many =
  (of: Kind, length = 6): Kind =>
  draw =>
    items(draw, of, lengthOf(draw, length))
export const rows = (height: number, width: number, of: Kind = num()): Kind =>
  many(tuple(...Array.from({ length: width }, () => of)), height)
export const record =
  (fields: Readonly<Record<string, Kind>>): Kind =>
  draw =>
    Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, kind(draw)]))
/** Numbers in ascending order: samples, knots, sorted data. */
export const ascending =
  (length = 8, of: Kind = num()): Kind =>
  draw => {
    const values = (items(draw, of, lengthOf(draw, length)) as number[]).sort((a, b) => a - b)
    return draw.mode.arrays === 'swapped' ? Float64Array.from(values) : values
  }
export const point: Kind = tuple(num(), num())
export const xy: Kind = record({ x: num(), y: num() })

import { describe, expect, test } from 'vitest'
import {
  constant,
  hasNumber,
  isIncluded,
  join,
  meet,
  type Range,
  range,
  rangeOfType,
  widen,
} from '../../compiler/analysis/interval.ts'
import { TRANSFER, transfer } from '../../compiler/analysis/transfer.ts'
import { OPS, type OpName, opInfo, type Value } from '../../compiler/ir/ops.ts'
import type { Scalar } from '../../compiler/ir/types.ts'
import { type Random, random } from './random.ts'

/** Each transfer function against the meaning of its operator, on random ranges and on values drawn from them. */

const NASTY = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  3,
  7,
  10,
  31,
  32,
  255,
  256,
  -128,
  127,
  32768,
  0.5,
  -0.5,
  1.5,
  -1.5,
  2.5,
  254.5,
  1e-310,
  -1e-310,
  5e-324,
  2 ** 31,
  2 ** 31 - 1,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 32 - 1,
  2 ** 53,
  2 ** 53 - 1,
  -(2 ** 53),
  2 ** 53 + 2,
  2 ** 62,
  -(2 ** 63),
  2 ** 63,
  1e300,
  -1e300,
  Infinity,
  -Infinity,
  2147483647.5,
  -2147483648.5,
]

/** Values that a local of this type can hold, in the representation of `eval`. */
function toType(type: Scalar, value: number): Value | undefined {
  switch (type) {
    case 'i32':
      return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31 ? value + 0 : undefined
    case 'i64':
      return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63 ? BigInt(value) : undefined
    case 'f32':
      return Math.fround(value)
    case 'f64':
      return value
    case 'box':
      return undefined
  }
}

function bound(rng: Random): number {
  const base = rng.pick(NASTY)
  return rng.chance(3) ? base + rng.int(9) - 4 : base
}

function randomRange(rng: Random, type: Scalar): Range {
  if (type === 'i32' || type === 'i64') {
    const whole = rangeOfType(type)
    const ends = [bound(rng), bound(rng)].map(x => Math.trunc(Math.min(Math.max(x, whole.lo), whole.hi)) + 0)
    const made = rng.chance(3)
      ? constant(Math.trunc(ends[0] as number))
      : range(Math.min(...ends), Math.max(...ends), true)
    return hasNumber(made) ? made : whole
  }
  const ends = [bound(rng), bound(rng)].map(x => (type === 'f32' ? Math.fround(x) : x))
  const lo = Math.min(...ends)
  const hi = rng.chance(4) ? lo : Math.max(...ends)
  return range(lo, hi, rng.chance(2), rng.chance(3), rng.chance(2))
}

/** A random value of the range, or undefined when none was found. */
function draw(rng: Random, within: Range, type: Scalar): Value | undefined {
  for (let attempt = 0; attempt < 12; attempt++) {
    const candidates = [
      within.lo,
      within.hi,
      rng.pick(NASTY),
      within.lo + rng.int(4),
      within.hi - rng.int(4),
      within.lo + rng.unit() * (within.hi - within.lo),
      Math.round(within.lo + rng.unit() * (within.hi - within.lo)),
      Number.NaN,
      -0,
    ]
    const value = rng.pick(candidates)
    if (!isIncluded(constant(value), within)) continue
    const typed = toType(type, value)
    if (typed !== undefined && isIncluded(constant(typed), within)) return typed
  }
  return undefined
}

function isLegal(op: OpName, args: readonly Value[]): boolean {
  if (!opInfo(op).partial) return true
  const [a, b] = args
  if (b === 0 || b === 0n) return false
  const smallest = a === -(2 ** 31) || a === -(2n ** 63n)
  return !(smallest && (b === -1 || b === -1n))
}

/** Text of the first unsound answer, or undefined. */
function findUnsound(op: OpName, rounds: number, seed: number): string | undefined {
  const info = opInfo(op)
  if (info.params.some(type => type === 'box')) return undefined
  const rng = random(seed)
  for (let round = 0; round < rounds; round++) {
    const ranges = info.params.map(type => randomRange(rng, type))
    const result = transfer(op, ranges)
    for (let sample = 0; sample < 6; sample++) {
      const args = ranges.map((one, index) => draw(rng, one, info.params[index] as Scalar))
      if (args.includes(undefined) || !isLegal(op, args as Value[])) continue
      const value = (info.eval as (...args: readonly unknown[]) => Value)(...args)
      if (info.result !== 'box' && !contains(result, value)) {
        return `${op}(${args.join(', ')}) = ${value} of ${JSON.stringify(ranges)} is not in ${JSON.stringify(result)}`
      }
    }
  }
  return undefined
}

const contains = (within: Range, value: Value): boolean =>
  typeof value === 'bigint'
    ? value >= BigInt(Math.floor(within.lo)) && value <= BigInt(Math.ceil(within.hi))
    : isIncluded(constant(value), within)

describe('transfer functions', () => {
  test('every operator has one', () => {
    expect(Object.keys(TRANSFER).sort()).toEqual(Object.keys(OPS).sort())
  })

  test.each(Object.keys(OPS) as OpName[])('%s is sound', op => {
    expect(findUnsound(op, 1500, 7)).toBeUndefined()
  })

  test('constants give constants', () => {
    expect(transfer('f64.add', [constant(2), constant(3)])).toEqual(constant(5))
    expect(transfer('i32.mul', [constant(-4), constant(3)])).toEqual(constant(-12))
    expect(transfer('f64.lt', [constant(2), constant(3)])).toEqual(constant(1))
  })
})

describe('lattice', () => {
  const rng = random(3)
  const triples = Array.from({ length: 3000 }, () => ['f64', 'f64', 'f64'].map(() => randomRange(rng, 'f64')))

  test('join is an upper bound, meet keeps what both have, widening is above the join', () => {
    for (const [a, b, c] of triples as [Range, Range, Range][]) {
      const both = join(a, b)
      expect(isIncluded(a, both) && isIncluded(b, both)).toBe(true)
      expect(isIncluded(both, widen(a, b, [-1, 0, 1, 2 ** 31 - 1]))).toBe(true)
      const value = draw(rng, a, 'f64')
      if (value === undefined) continue
      const inC = contains(c, value)
      expect(contains(meet(a, c), value)).toBe(inC)
    }
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { binaryReference, type Exact, unaryReference } from './reference/elementary.ts'
import { gammaOf, lgammaOf } from './reference/gamma.ts'

const unary: Readonly<Record<string, (x: number) => Exact>> = { ...unaryReference, gamma: gammaOf, lgamma: lgammaOf }

/** Arguments, and the value as digits · 2^exponent, from mpmath with 200 bits (fixtures/generate.py). */
type Row = readonly [args: readonly number[], digits: string, exponent: number]
const rows = JSON.parse(readFileSync(new URL('./fixtures/reference.json', import.meta.url), 'utf8')) as Record<
  string,
  Row[]
>

/** A double as an integer times 2^-1200 or so: exact for all the sizes a double-double near 1 has. */
function fixed(x: number, shift: number): bigint {
  if (x === 0) return 0n
  const e = Math.floor(Math.log2(Math.abs(x))) - 53
  return shift + e >= 0 ? BigInt(x * 2 ** -e) << BigInt(shift + e) : BigInt(x * 2 ** -e) >> BigInt(-shift - e)
}

/** Bits in which the reference agrees with the fixture. */
function agreement({ value, exponent }: Exact, digits: string, e: number): number {
  const shift = exponent - e
  const measured = fixed(value[0], shift) + fixed(value[1], shift)
  const expected = BigInt(digits)
  const difference = measured - expected
  return difference === 0n ? 200 : Math.log2(Math.abs(Number(expected))) - Math.log2(Math.abs(Number(difference)))
}

describe('the double-double reference agrees with mpmath to 85 bits', () => {
  for (const [name, list] of Object.entries(rows)) {
    test(name, () => {
      const worst = list.map(([args, digits, exponent]) => {
        const exact = args.length === 1 ? unary[name]!(args[0]!) : binaryReference[name]!(args[0]!, args[1]!)
        return { args, bits: agreement(exact, digits, exponent) }
      })
      expect(worst.filter(({ bits }) => !(bits > 85))).toEqual([])
    })
  }
})

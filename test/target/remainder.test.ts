import { expect, test } from 'vitest'
import * as b from '../../compiler/ir/build.ts'
import { buildFunction, entry, x } from './machine.ts'

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  3,
  0.5,
  -0.5,
  1.5,
  4,
  5e-324,
  -5e-324,
  1e-310,
  7.25,
  -7.25,
  255,
  256,
  2 ** 31,
  2 ** 52 - 0.5,
  2 ** 53,
  2 ** 53 + 2,
  1e21,
  -1e300,
  1.7976931348623157e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
]

// the last ones are none, though their logarithm rounds to a whole number
const POWERS = [1, 2, 4, 8, 1024, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 52 - 1, 2 ** 51 - 1, 2 ** 50 + 1]
test.each(POWERS)('x %% %d without division', async power => {
  const { run } = await buildFunction(
    entry([{ name: 'x', type: 'f64' }], [], 'f64', b.ret(b.op('f64.rem', x(0), b.f64(power)))),
  )
  for (const value of NUMBERS)
    for (const scaled of [value, value * power, value + power / 2])
      expect(run(scaled), `${scaled} % ${power}`).toBe(scaled % power)
})

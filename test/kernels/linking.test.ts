import { describe, expect, test } from 'vitest'
import * as b from '../../compiler/ir/build.ts'
import { buildFunction, entry, x } from '../target/machine.ts'
import { FUNCTIONS } from './catalogue.ts'
import { exactValue } from './measure.ts'
import { F64, ulpError } from './reference/ulp.ts'

/** A function of one double around the scalar companion of a kernel, through the whole back end. */
const calling = (name: string) =>
  entry(
    [{ name: 'a', type: 'f64' }],
    [],
    'f64',
    b.ret({ kind: 'kernel', type: 'f64', name: `f64_${name}`, args: [x(0)] }),
  )

describe('math functions linked into a compiled module', () => {
  for (const name of ['sin', 'exp', 'log', 'atan', 'cbrt', 'erf'])
    test(name, async () => {
      const { run } = await buildFunction(calling(name))
      const fn = FUNCTIONS.find(f => f.name === name)!
      for (const a of [0.3, 1.75, 0.99, 40, 1e5, 1e22].filter(v => name !== 'exp' || v < 700))
        expect(ulpError(run(a) as number, exactValue(fn, a, 0), F64), `${name}(${a})`).toBeLessThanOrEqual(fn.bound)
    })
})

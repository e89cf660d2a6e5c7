import { describe, expect, test } from 'vitest'
import { printModule, readModule } from '../../compiler/ir/text.ts'
import { counted } from '../../compiler/passes/counted.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { dce } from '../../compiler/passes/dce.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { narrow } from '../../compiler/passes/narrow.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { PIPELINE } from '../../compiler/pipeline.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'
import { lowerKernel, NUMBERS, runKernel } from './js-run.ts'

goldenTests('narrow', [fold, cse, dce, counted, narrow, fold, cse, dce])

test('random modules behave as before', () => sameBehaviour([narrow], 150))
test('and after counted', () => sameBehaviour([fold, counted, narrow, fold, dce], 150))

/** What integers get wrong when they stand for numbers without proof: each kernel has its trap. */
const TRAPS: Readonly<Record<string, string>> = {
  'the sign of a zero sum':
    'for (let i = 0; i < 4; i++) { const z = -(i & 1); const s = z + z; a[i] = 1 / s } return a[0]',
  'the sign of a remainder': 'for (let i = -4; i < 4; i++) { const z = i % 2; a[i & 7] = 1 / z } return a[0]',
  'the sign of a product': 'for (let i = 0; i < 4; i++) { const z = i * m; a[i] = 1 / z } return a[0]',
  'the sign of a difference': 'let z = -0; for (let i = 0; i < 3; i++) { a[i] = 1 / (z - 0); z = i - i } return 1 / z',
  'negated zero': 'let z = 0; for (let i = 0; i < 3; i++) { z = -z; a[i] = 1 / z } return z',
  'the remainder of zero': 'let s = 0; for (let i = -2; i < 3; i++) s += 7 % i | 0; return s + (5 % (n - n))',
  'floor of a negative quotient': 'let s = 0; for (let i = -9; i < 9; i++) s = s * 3 + Math.floor(i / 2); return s',
  'truncation of a quotient':
    'let s = 0; for (let i = -9; i < 9; i++) s = s * 3 + ((i / 4) | 0) + Math.trunc(i / -3); return s',
  'division by what may be zero': 'let s = 0; for (let i = -2; i < 3; i++) s += (7 / i) | 0; return s',
  'the smallest integer by -1': 'let s = 0; for (let i = -1; i < 2; i++) s += ((-2147483648 / i) | 0) % 7; return s',
  'products beyond 2^53': 'let h = n | 0; for (let i = 0; i < 5; i++) h = (h * 1664525 + 1013904223) | 0; return h',
  'products beyond 2^53 of products': 'let h = n | 0; for (let i = 0; i < 5; i++) h = (h * h * 3) | 0; return h',
  'sums beyond 2^53': 'let s = 9007199254740991; for (let i = 0; i < 5; i++) s = s + 1; return s',
  'a counter beyond 2^53': 'let c = 9007199254740990; let i = 0; while (i < 9) { c++; i++ } return c',
  'unsigned and signed':
    'let h = 1; for (let i = 0; i < 9; i++) h = ((h << 7) ^ h) >>> 0; return h > 2147483647 ? h : -h',
  'wrap of a sum': 'let h = 2147483647; for (let i = 0; i < 3; i++) h = (h + h + i) | 0; return h',
  'indices that round together':
    'let s = 0; for (let i = 0; i < 2; i++) s = s * 10 + a[n * m - (-2147483648) * (m - 1) * -1 + i]; return s',
  'an index of products':
    'let s = 0; for (let i = 0; i < 2; i++) s = s * 10 + a[n * m + i] + a[(n * m) * m + i]; return s',
  'fractions as an index':
    'let s = 0; for (let i = 0; i < 9; i++) { const t = a[i / 2]; s += t === undefined ? 1 : t } return s',
  'NaN as an integer': 'let s = 0; for (let i = 0; i < 9; i++) s += (d[i + 4] | 0) + ((d[i + 6] + 1) | 0); return s',
  'min and max of integers':
    'let s = 0; for (let i = -3; i < 4; i++) s = s * 2 + Math.min(i, n | 0) - Math.max(m >>> 0, i); return s',
  'absolute value of the smallest':
    'let s = 0; for (let i = 0; i < 2; i++) s += Math.abs((-2147483648 + i) | 0); return s',
  'rounding of integers':
    'let s = 0; for (let i = -3; i < 4; i++) s = s * 3 + Math.round(i) + Math.round(i / 2) + Math.ceil(i / 2); return 1 / s',
  halves: 'let s = 0; for (let i = -9; i < 9; i++) s = s * 3 + Math.floor(i / 2) + ((i * 0.25) | 0); return s',
  'a branch that ends with its list':
    'let s = 0; for (let i = 0; i < n; i++) { for (let j = 0; j < 2; j++) { if (i > 3) break; s += i } s += b[i] | 0 } return s',
  'a block that is left early':
    'let s = 0; for (let i = 0; i < n; i++) { let k = i + 4; out: { for (let j = 0; j < 2; j++) if (a[i] > j) break out; k = 0 } s += b[k] | 0 } return s',
  'indices that nearly cancel':
    'let s = 0; const h = n >> 1; for (let i = 0; i < 2; i++) s = s * 10 + a[h * n - (h + 1) * (n - 2) + i]; return s',
  'a clamped store': 'for (let i = 0; i < 8; i++) d[i] = i * 100 - 150; return d[3]',
  'comparison of unsigned with signed':
    'let s = 0; for (let i = -2; i < 3; i++) if (i < n >>> 0) s += i * 3 + 1; return s',
}

const MORE: readonly (readonly [number, number])[] = [
  [2 ** 31 - 1, 2 ** 31 - 1],
  [-(2 ** 31), -(2 ** 31)],
  [65537, 65535],
  [-7, 3],
  [5, 0],
]

test('a local is modulo 2^32 only as long as those that it is added to are integers', () => {
  const module = readModule(`module main slots 0
    func main(%a: i32, %b: i32, %n: i32) -> f64 {
      local %wide: f64
      local %float: f64
      local %r: i32
      local %s: f64
      local %i: i32
      %wide = (f64.mul (f64.from_i32_s %a) 100003.0)
      %float = (f64.from_i32_s %b)
      %r = (i32.from_f64_js (f64.add %wide %float))
      for top %i = 0 to %n step 1 { %s = (f64.add %s (f64.mul %float 0.5)) }
      return (f64.add %s (f64.from_i32_s %r))
    }`)
  const made = printModule(narrow.run(module, silent))
  expect(made).toContain('local %float: f64')
  expect(made).toContain('local %wide: i64')
})

describe('traps', () => {
  test.each(Object.keys(TRAPS))('%s', name => {
    for (const speculation of [true, false]) {
      const kernel = lowerKernel(`function kernel(a, b, d, e, n, m) { ${TRAPS[name]} }`, speculation)
      if (!kernel) throw new TypeError('the trap is outside of the language')
      const module = PIPELINE.reduce((made, pass) => pass.run(made, silent), kernel.module)
      for (const numbers of [...NUMBERS, ...MORE]) {
        const wanted = runKernel(kernel, kernel.module, numbers, [9, 6, 8, 5], 4000)
        const found = runKernel(kernel, module, numbers, [9, 6, 8, 5], 16_000)
        if (wanted.end === 'return' && found.end !== 'exit') {
          expect(found, `${numbers}\n${printModule(module)}`).toEqual(wanted)
        }
      }
    }
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as b from '../../compiler/ir/build.ts'
import type { Expr } from '../../compiler/ir/ir.ts'
import { OPS, type OpName, opInfo, type Value } from '../../compiler/ir/ops.ts'
import { printExpr, readModule } from '../../compiler/ir/text.ts'
import type { Scalar } from '../../compiler/ir/types.ts'
import { fold, foldExpr } from '../../compiler/passes/fold.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'

const PARAMS = '%i: i32, %j: i32, %x: f64, %y: f64, %a: arr.f64, %s: arr.f32, %u: arr.u8, %z: box, %k: i64'

/** Folds one expression given in text form. */
function folded(text: string): string {
  const module = readModule(`module main slots 1\nfunc main(${PARAMS}) -> void {\n  result 0 ${text}\n}`)
  const func = module.funcs[0]!
  const [stmt] = func.body
  return printExpr(func, foldExpr((stmt as { value: Expr }).value))
}

describe('fold', () => {
  test.each([
    ['(f64.sub %x 0.0)', '%x'],
    ['(f64.add %x -0.0)', '%x'],
    ['(f64.mul 1.0 %x)', '%x'],
    ['(f64.neg (f64.neg %x))', '%x'],
    ['(f64.div %x 4.0)', '(f64.mul %x 0.25)'],
    ['(f64.div %x -1.0)', '(f64.neg %x)'],
    ['(f64.add %x (f64.neg %y))', '(f64.sub %x %y)'],
    ['(i32.eqz (i32.lt_s %i %j))', '(i32.ge_s %i %j)'],
    ['(i32.eqz (f64.eq %x %y))', '(f64.ne %x %y)'],
    ['(i32.eqz (i32.eqz %i))', '(i32.ne %i 0)'],
    ['(i32.eqz (i32.eqz (f64.lt %x %y)))', '(f64.lt %x %y)'],
    ['(f64.gt 3.0 %x)', '(f64.lt %x 3.0)'],
    ['(i32.add (i32.add 3 %i) 4)', '(i32.add %i 7)'],
    ['(i32.sub %i %i)', '0'],
    ['(i32.and %i 0)', '0'],
    ['(i32.or %i -1)', '-1'],
    ['(f64.lt (f64.from_i32_s %i) (f64.from_i32_s %j))', '(i32.lt_s %i %j)'],
    ['(f64.lt (f64.from_i32_u %i) (f64.from_i32_u %j))', '(i32.lt_u %i %j)'],
    ['(f64.lt (f64.from_i32_s %i) 2.5)', '(i32.lt_s %i 3)'],
    ['(f64.le (f64.from_i32_s %i) 2.5)', '(i32.le_s %i 2)'],
    ['(f64.ge (f64.from_i32_s %i) -2.5)', '(i32.ge_s %i -2)'],
    ['(f64.gt (f64.from_i32_s %i) 1e+300)', '0'],
    ['(f64.ne (f64.from_i32_s %i) NaN)', '1'],
    ['(f64.lt 0.0 (f64.from_i32_s %i))', '(i32.gt_s %i 0)'],
    ['(i32.from_f64_js (f64.add (f64.from_i32_s %i) 1.0))', '(i32.add %i 1)'],
    ['(i32.from_f64_js (f64.mul (f64.from_i32_s %i) 3.0))', '(i32.mul %i 3)'],
    ['(i32.from_f64_js (f64.from_i32_u %i))', '%i'],
    ['(i32.trunc_sat_s (f64.from_i32_s %i))', '%i'],
    ['(i32.index_f64 (f64.from_i32_s (len %a)))', '(len %a)'],
    ['(i32.lt_u (i32.index_f64 (f64.from_i32_s %i)) (len %a))', '(i32.lt_u %i (len %a))'],
    ['(f64.from_box_num (box.from_f64 %x))', '%x'],
    ['(i32.box_is_undefined (box.from_f64 %x))', '0'],
    ['(f64.floor (f64.from_i32_s %i))', '(f64.from_i32_s %i)'],
    [
      '(i32.from_f64_js (cond (i32.lt_u %i (len %u)) (f64.from_i32_s (load.u8 %u %i)) NaN))',
      '(cond (i32.lt_u %i (len %u)) (load.u8 %u %i) 0)',
    ],
    ['(f32.from_f64 (f64.mul (f64.from_f32 (load.f32 %s %i)) 0.5))', '(f32.mul (load.f32 %s %i) 0.5f)'],
    ['(cond %i (f64.add %x 1.0) (f64.add %x 1.0))', '(f64.add %x 1.0)'],
    ['(cond (i32.eqz %i) %x %y)', '(cond %i %y %x)'],
    ['(f64.select 0 %x %y)', '%y'],
    ['(i64.trunc_sat_s (f64.from_i32_s %i))', '(i64.from_i32_s %i)'],
    ['(f64.gt (f64.abs (f64.from_i32_s %i)) 0.0)', '(i32.ne %i 0)'],
    ['(f64.add 0.1 0.2)', '0.30000000000000004'],
    ['(host Math.sin (f64.add 1.0 1.0))', '(host Math.sin 2.0)'],
  ])('%s → %s', (input, output) => {
    expect(folded(input)).toBe(output)
  })

  test.each([
    '(f64.add %x 0.0)',
    '(f64.sub %x -0.0)',
    '(f64.sub %x %x)',
    '(f64.mul %x 0.0)',
    '(f64.div %x 3.0)',
    '(f64.eq %x %x)',
    '(i32.eqz (f64.lt %x %y))',
    '(i32.div_s 1 0)',
    '(i32.rem_s -2147483648 -1)',
    '(i32.index_f64 (f64.from_i32_s %i))',
    '(i32.from_f64_js (f64.mul (f64.from_i32_s %i) (f64.from_i32_s %j)))',
    '(f32.from_f64 (f64.mul (f64.from_f32 (load.f32 %s %i)) 0.1))',
    '(f64.abs (f64.from_i32_s %i))',
    '(f64.gt (f64.abs %x) 0.0)',
  ])('%s stays', text => {
    expect(folded(text)).toBe(text)
  })

  const VALUES: Readonly<Record<Scalar, readonly Value[]>> = {
    i32: [0, 1, -1, 2, 31, 255, 2 ** 31 - 1, -(2 ** 31)],
    i64: [0n, 1n, -1n, 63n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)],
    f32: [0, -0, 1, -1, Math.fround(0.1), Number.NaN, Infinity, -Infinity, Math.fround(1e-45)],
    f64: [0, -0, 1, -1, 0.5, 1.5, -2.5, 2 ** 31, 2 ** 32 + 0.5, 2 ** 53, Number.NaN, Infinity, -Infinity, 5e-324],
    box: [0n, 0x8000_0000_0000_0000n, 0x7ff8_0000_0000_0000n, 0xfff9_0000_0000_0001n, 0xfff9_0000_0000_0004n],
  }

  /** Value of an expression of operators over constants and gets, by the op table alone. */
  function value(expr: Expr, env: ReadonlyMap<number, Value>): Value {
    if (expr.kind === 'const') return expr.value
    if (expr.kind === 'get') return env.get(expr.local)!
    if (expr.kind === 'cond') return value(expr.test, env) !== 0 ? value(expr.then, env) : value(expr.else, env)
    if (expr.kind !== 'op') throw new Error(expr.kind)
    return (opInfo(expr.op).eval as (...args: Value[]) => Value)(...expr.args.map(arg => value(arg, env)))
  }

  const TOTAL = (Object.keys(OPS) as OpName[]).filter(name => !opInfo(name).partial && name !== 'i64.bits_f64')
  const TYPES: readonly Scalar[] = ['i32', 'i64', 'f32', 'f64', 'box']
  const leaf = (type: Scalar): fc.Arbitrary<Expr> =>
    fc.oneof(
      fc.constantFrom(0, 1).map(which => b.get(TYPES.indexOf(type) * 2 + which, type)),
      fc.constantFrom(...VALUES[type]).map(constant => ({ kind: 'const', type, value: constant }) as Expr),
    )
  const tree = (type: Scalar, depth: number): fc.Arbitrary<Expr> =>
    depth === 0
      ? leaf(type)
      : fc.oneof(
          leaf(type),
          fc
            .constantFrom(...TOTAL.filter(name => opInfo(name).result === type))
            .chain(name =>
              fc.tuple(...opInfo(name).params.map(param => tree(param, depth - 1))).map(args => b.op(name, ...args)),
            ),
          fc
            .tuple(tree('i32', depth - 1), tree(type, depth - 1), tree(type, depth - 1))
            .map(([t, x, y]) => b.cond(t, x, y)),
        )

  test('no rule changes a value', () => {
    const envs = fc.tuple(
      ...TYPES.flatMap(type => [fc.constantFrom(...VALUES[type]), fc.constantFrom(...VALUES[type])]),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES).chain(type => tree(type, 3)),
        fc.array(envs, { minLength: 8, maxLength: 8 }),
        (expr, rows) => {
          const result = foldExpr(expr)
          for (const row of rows) {
            const env = new Map(row.map((one, index) => [index, one] as const))
            expect(value(result, env)).toBe(value(expr, env))
          }
        },
      ),
      { numRuns: Number(process.env.IRIS_PROPERTY_RUNS ?? 3000) },
    )
  })

  test('a second run changes nothing', () => {
    const module = readModule(`module main slots 0\nfunc main(%x: f64) -> f64 {
      block out { if (i32.eqz (f64.lt %x 1.0)) { break out } return (f64.add 1.0 %x) }
      return %x
    }`)
    const once = fold.run(module, silent)
    expect(once).not.toBe(module)
    expect(fold.run(once, silent)).toBe(once)
  })

  test('random modules behave alike', () => sameBehaviour([fold], 400))
})

goldenTests('fold', [fold])

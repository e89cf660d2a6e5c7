import { describe, expect, test } from 'vitest'
import { isIncluded, type Range } from '../../compiler/analysis/interval.ts'
import { analyzeRanges, definitionRanges } from '../../compiler/analysis/ranges.ts'
import { unshare } from '../../compiler/analysis/unshare.ts'
import * as b from '../../compiler/ir/build.ts'
import type { Expr, Func, Module, Stmt } from '../../compiler/ir/ir.ts'
import { flatMapBody, mapBodies } from '../../compiler/ir/rewrite.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { range } from '../../compiler/passes/range.ts'
import { PIPELINE } from '../../compiler/pipeline.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'
import { randomKernel } from './js-loops.ts'
import { lowerKernel, NUMBERS, runKernel } from './js-run.ts'
import { random } from './random.ts'

goldenTests('range', [range, fold])

test('random modules behave as before', () => sameBehaviour([range], 150))

/**
 * The analysis against running code: after each `set` a test that the value is one that the analysis knows of; a
 * value that it does not leaves the call with a site of its own.
 */
const WRONG = 1000

function instrument(func: Func): Func {
  const own = unshare(func)
  const ranges = analyzeRanges(own)
  const watch = (stmt: Stmt): Stmt | readonly Stmt[] => {
    const inner = mapBodies(stmt, body => flatMapBody(body, watch))
    const found = stmt.kind === 'set' ? ranges.at(stmt.value) : undefined
    if (stmt.kind !== 'set' || !found || (stmt.value.type !== 'f64' && stmt.value.type !== 'i32')) return inner
    return [inner, b.when(b.not(isIn(b.get(stmt.local, stmt.value.type), found)), [b.exit(WRONG)])]
  }
  return { ...own, body: flatMapBody(own.body, watch) }
}

function isIn(value: Expr, { lo, hi, integer, nan, negZero }: Range): Expr {
  const number = value.type === 'i32' ? b.op('f64.from_i32_s', value) : value
  const inside = b.op('i32.and', b.op('f64.ge', number, b.f64(lo)), b.op('f64.le', number, b.f64(hi)))
  const whole = integer ? b.op('f64.eq', b.op('f64.floor', number), number) : b.TRUE
  const negative = b.op('i64.eq', b.op('i64.bits_f64', number), b.i64(-(2n ** 63n)))
  const signed = negZero ? b.TRUE : b.not(negative)
  const unordered = b.op('f64.ne', number, number)
  return b.cond(unordered, nan ? b.TRUE : b.FALSE, b.op('i32.and', b.op('i32.and', inside, whole), signed))
}

const PROGRAMS = Number(process.env.IRIS_PROPERTY_RUNS ?? 40)

describe('ranges hold in running code', () => {
  // as lowered, and after every pass of the pipeline that leaves integers and counted loops
  test.each([0, 7, PIPELINE.length])('after %i passes', count => {
    let runs = 0
    for (let seed = 1; seed <= PROGRAMS; seed++) {
      const kernel = tryLower(randomKernel(random(seed)))
      if (!kernel) continue
      const module: Module = PIPELINE.slice(0, count).reduce((made, pass) => pass.run(made, silent), kernel.module)
      const watched = { ...module, funcs: module.funcs.map(instrument) }
      for (const numbers of NUMBERS) {
        expect(() => runWatched(kernel, watched, numbers), `seed ${seed} ${numbers}`).not.toThrow()
        runs++
      }
    }
    expect(runs).toBeGreaterThan(0)
  })
})

function tryLower(text: string): ReturnType<typeof lowerKernel> {
  try {
    return lowerKernel(text, true)
  } catch (error) {
    if (error instanceof Error && error.name === 'Miss') return undefined
    throw error
  }
}

function runWatched(
  kernel: NonNullable<ReturnType<typeof lowerKernel>>,
  module: Module,
  numbers: readonly [number, number],
): void {
  const { end, site } = { site: -1, ...runKernel(kernel, module, numbers, [9, 6, 8, 5], 6000) }
  if (end === 'exit' && site === WRONG) throw new RangeError('a value is outside of its range')
}

test('a counter in a loop of n rounds stays within n steps', () => {
  const i = 1
  const c = 2
  const body = [
    b.counted('top', i, b.i32(0), b.get(0, 'i32'), 1, [b.set(c, b.op('f64.add', b.get(c, 'f64'), b.f64(3)))]),
    b.ret(b.get(c, 'f64')),
  ]
  const n = { name: 'n', type: 'i32' } as const
  const func = b.func(
    'f',
    [n],
    [
      { name: 'i', type: 'i32' },
      { name: 'c', type: 'f64' },
    ],
    'f64',
    body,
  )
  const found = definitionRanges(func, analyzeRanges(func)).get(c) as Range
  const trips = 2 ** 31 - 1
  expect(found).toMatchObject({ lo: 0, hi: 3 * trips, integer: true, nan: false })
  expect(isIncluded({ ...found, lo: 3 * trips, hi: 3 * trips }, found)).toBe(true)
})

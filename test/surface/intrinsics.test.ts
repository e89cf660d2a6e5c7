import { describe, expect, it } from 'vitest'
import {
  all,
  allWhile,
  any,
  anyWhile,
  breakIf,
  breakOnNaN,
  breakUnless,
  continueIf,
  continueOnNaN,
  continueUnless,
  ifElse,
  range,
  sum,
  sumWhile,
} from '../../src/index.ts'

describe('range', () => {
  it('is half-open, in both directions', () => {
    expect([...range(3)]).toEqual([0, 1, 2])
    expect([...range(2, 5)]).toEqual([2, 3, 4])
    expect([...range(0, 1, 0.25)]).toEqual([0, 0.25, 0.5, 0.75])
    expect([...range(3, 0, -1)]).toEqual([3, 2, 1])
    expect([...range(3, 0)]).toEqual([])
    expect(range(0, 10, 3).length).toBe(4)
    expect(range(Number.NaN).length).toBe(0)
    expect(() => range(0, 1, 0)).toThrow(RangeError)
  })
})

describe('reductions', () => {
  it('follow the definition over ranges, arrays and typed arrays', () => {
    expect(sum(range(10), i => (i % 2 ? i : 0))).toBe(25)
    expect(sum([1, 2, 3])).toBe(6)
    expect(sum(Float64Array.of(0.5, 0.25), (x, i) => x * i)).toBe(0.25)
    expect(Object.is(sum([-0]), 0)).toBe(true)
    expect([any([0, 4], x => x > 3), any([], () => true), any([0, Number.NaN])]).toEqual([true, false, false])
    expect([all([1, 2], x => x > 1), all([], () => false), all([1, 2])]).toEqual([false, true, true])
  })

  it('stop at the first element that decides', () => {
    let seen = 0
    any(range(10), i => ++seen && i === 3)
    expect(seen).toBe(4)
    all(range(10), i => ++seen && i < 2)
    expect(seen).toBe(7)
  })

  it('run loops', () => {
    expect(
      sumWhile(
        1,
        i => i < 100,
        i => i * 2,
        i => i,
      ),
    ).toBe(127)
    expect(
      anyWhile(
        0,
        i => i < 5,
        i => i + 1,
        i => i === 4,
      ),
    ).toBe(true)
    expect(
      allWhile(
        0,
        i => i < 5,
        i => i + 1,
        i => i < 4,
      ),
    ).toBe(false)
  })
})

describe('loop controls', () => {
  it('stop before the element counts', () => {
    expect(
      sumWhile(
        0,
        i => i < 10,
        i => i + 1,
        i => breakIf(i >= 4, i),
      ),
    ).toBe(6)
    expect(sum(range(10), i => breakUnless(i < 3, i))).toBe(3)
    expect(sum([1, Number.NaN, 5], x => breakOnNaN(x))).toBe(1)
    expect(any(range(10), i => breakIf(i === 2, i > 5))).toBe(false)
    expect(all(range(10), i => breakIf(i === 2, i < 2))).toBe(true)
  })

  it('leave the element out', () => {
    expect(sum(range(5), i => continueIf(i === 2, i))).toBe(8)
    expect(sum(range(5), i => continueUnless(i === 2, i))).toBe(2)
    expect(sum([1, Number.NaN, 5], x => continueOnNaN(x) * 2)).toBe(12)
  })

  it('act on the innermost reduction', () => {
    expect(sum(range(3), i => sum(range(10), j => breakIf(j > i, 1)))).toBe(6)
  })

  it('are an error elsewhere, and pass errors of the callback on', () => {
    expect(() => breakIf(true, 1)).toThrow(/inside the callbacks/)
    expect(() => continueOnNaN(Number.NaN)).toThrow(/inside the callbacks/)
    expect(() =>
      sum([1], () => {
        throw new TypeError('mine')
      }),
    ).toThrow(new TypeError('mine'))
    expect([breakIf(false, 7), ifElse(1, 'a', 'b'), ifElse(0, 'a', 'b')]).toEqual([7, 'a', 'b'])
  })
})

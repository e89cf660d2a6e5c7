import { registerBuiltin } from '../compiler/source/builtins.ts'

/**
 * Reductions over ranges, arrays and loops, as ordinary JavaScript: this file is their definition, which compiled code
 * follows. Within a callback, the loop controls end the loop or leave one element out.
 */
export type NumberSource = Iterable<number>
/** Called with each element and its index. */
export type ElementCallback<R> = (element: number, index: number) => R

/** What a loop control throws: caught by the innermost reduction. */
class LoopControl extends Error {
  override readonly name = 'LoopControl'
}
const BREAK = new LoopControl(
  'breakIf, breakUnless and breakOnNaN work inside the callbacks of sum, any, all, sumWhile, anyWhile and allWhile only',
)
const CONTINUE = new LoopControl(
  'continueIf, continueUnless and continueOnNaN work inside the callbacks of sum, any, all, sumWhile, anyWhile and allWhile only',
)

/** The numbers start, start + step, … up to, but without, stop. */
export class Range implements Iterable<number> {
  readonly start: number
  readonly stop: number
  readonly step: number

  constructor(start: number, stop: number, step: number) {
    if (step === 0) throw new RangeError('the step of a range is 0')
    this.start = start
    this.stop = stop
    this.step = step
  }

  /** Number of elements; 0 when the step leads away from stop, or a bound is NaN. */
  get length(): number {
    const length = Math.ceil((this.stop - this.start) / this.step)
    return length >= 1 ? length : 0
  }

  *[Symbol.iterator](): Generator<number, void> {
    const { length, start, step } = this
    for (let i = 0; i < length; i++) yield start + i * step
  }
}

/** `range(stop)` from 0, `range(start, stop)`, `range(start, stop, step)`. @throws RangeError when step is 0 */
export function range(stop: number): Range
export function range(start: number, stop: number, step?: number): Range
export function range(first: number, stop?: number, step = 1): Range {
  return stop === undefined ? new Range(0, first, step) : new Range(first, stop, step)
}

/** Calls `visit` until it gives true or breaks. */
function each(source: NumberSource, visit: (element: number, index: number) => boolean): void {
  let index = 0
  for (const element of source) if (step(visit, element, index++)) return
}

/** `for (let i = start; test(i); i = next(i))`, until `visit` gives true or breaks. */
function eachWhile(
  start: number,
  test: (i: number) => unknown,
  next: (i: number) => number,
  visit: (i: number) => boolean,
): void {
  for (let i = start; test(i); i = next(i)) if (step(visit, i, 0)) return
}

function step(visit: (element: number, index: number) => boolean, element: number, index: number): boolean {
  try {
    return visit(element, index)
  } catch (error) {
    if (error === BREAK) return true
    if (error === CONTINUE) return false
    throw error
  }
}

const identity = (element: number): number => element

/** Sum of the elements, or of what the callback gives for each, from 0 in order. */
export function sum(source: NumberSource, callback: ElementCallback<number> = identity): number {
  let total = 0
  each(source, (element, index) => {
    total += callback(element, index)
    return false
  })
  return total
}

/** Whether the callback (default: the element itself) is truthy for some element. Stops at the first. */
export function any(source: NumberSource, callback: ElementCallback<unknown> = identity): boolean {
  let found = false
  each(source, (element, index) => {
    found = Boolean(callback(element, index))
    return found
  })
  return found
}

/** Whether the callback (default: the element itself) is truthy for every element. Stops at the first that is not. */
export function all(source: NumberSource, callback: ElementCallback<unknown> = identity): boolean {
  let holds = true
  each(source, (element, index) => {
    holds = Boolean(callback(element, index))
    return !holds
  })
  return holds
}

/** `for (let i = start; test(i); i = next(i)) total += body(i)`, from 0. */
export function sumWhile(
  start: number,
  test: (i: number) => unknown,
  next: (i: number) => number,
  body: (i: number) => number,
): number {
  let total = 0
  eachWhile(start, test, next, i => {
    total += body(i)
    return false
  })
  return total
}

/** Whether the body is truthy for some i of the loop. Stops at the first. */
export function anyWhile(
  start: number,
  test: (i: number) => unknown,
  next: (i: number) => number,
  body: (i: number) => unknown,
): boolean {
  let found = false
  eachWhile(start, test, next, i => {
    found = Boolean(body(i))
    return found
  })
  return found
}

/** Whether the body is truthy for every i of the loop. Stops at the first that is not. */
export function allWhile(
  start: number,
  test: (i: number) => unknown,
  next: (i: number) => number,
  body: (i: number) => unknown,
): boolean {
  let holds = true
  eachWhile(start, test, next, i => {
    holds = Boolean(body(i))
    return !holds
  })
  return holds
}

/** Ends the loop, before this element counts, when the condition is truthy; else gives the value. */
export function breakIf<T>(condition: unknown, value: T): T {
  if (condition) throw BREAK
  return value
}

/** Ends the loop, before this element counts, unless the condition is truthy. */
export function breakUnless<T>(condition: unknown, value: T): T {
  if (!condition) throw BREAK
  return value
}

/** Leaves this element out when the condition is truthy; else gives the value. */
export function continueIf<T>(condition: unknown, value: T): T {
  if (condition) throw CONTINUE
  return value
}

/** Leaves this element out unless the condition is truthy. */
export function continueUnless<T>(condition: unknown, value: T): T {
  if (!condition) throw CONTINUE
  return value
}

/** Ends the loop when the value is NaN. */
export function breakOnNaN(value: number): number {
  if (Number.isNaN(value)) throw BREAK
  return value
}

/** Leaves this element out when the value is NaN. */
export function continueOnNaN(value: number): number {
  if (Number.isNaN(value)) throw CONTINUE
  return value
}

/** `condition ? whenTrue : whenFalse`; both are evaluated. */
export function ifElse<T, U>(condition: unknown, whenTrue: T, whenFalse: U): T | U {
  return condition ? whenTrue : whenFalse
}

const INTRINSICS = {
  ...{ range, sum, any, all, sumWhile, anyWhile, allWhile },
  ...{ breakIf, breakUnless, continueIf, continueUnless, breakOnNaN, continueOnNaN, ifElse },
}
for (const [name, fn] of Object.entries(INTRINSICS)) registerBuiltin(`iris.${name}`, fn)

import { f64, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import type { Node } from '../source/ast.ts'
import { countedLoop, isIterable } from './arrays.ts'
import { setSlot } from './assign.ts'
import { choose } from './choose.ts'
import {
  booleanConst,
  constNumber,
  fromInt,
  held,
  int,
  number,
  numberConst,
  settle,
  stable,
  toBoolean,
  toNumber,
} from './convert.ts'
import type { Cursor, Target } from './cursor.ts'
import { callValue } from './dispatch.ts'
import { elementInBounds, lengthOf } from './member.ts'
import { binary } from './operators.ts'
import { type ArrayValue, describe, type FieldBinding, type ListValue, type NumberValue, type Value } from './value.ts'

/** The reductions and loop controls that src/intrinsics.ts defines in JavaScript, as loops. */
export function intrinsic(c: Cursor, name: string, args: readonly Value[], node: Node): Value {
  const lower = INTRINSICS[name]
  if (!lower) throw c.miss(node, 'IRIS2004', { name, reason: 'it is unknown' })
  return lower(c, args, node)
}

type Lower = (c: Cursor, args: readonly Value[], node: Node) => Value
type RangeValue = Value & { k: 'range' }

const UNDEFINED: Value = { k: 'undefined' }

const INTRINSICS: Readonly<Record<string, Lower>> = {
  'iris.range': (c, args, node) => range(c, args, node),
  'iris.sum': (c, args, node) => {
    const total: FieldBinding = { name: 'total' }
    setSlot(c, total, numberConst(0))
    each(c, args[0] ?? UNDEFINED, node, (element, index) => {
      const value = args[1] ? callValue(c, args[1], UNDEFINED, [element, index], node) : element
      if (c.env) setSlot(c, total, settle(c, binary(c, '+', c.get(total)!, value, node), node))
    })
    return c.get(total) ?? numberConst(0)
  },
  'iris.any': (c, args, node) => quantifier(c, args, node, true),
  'iris.all': (c, args, node) => quantifier(c, args, node, false),
  'iris.sumWhile': (c, args, node) => {
    const total: FieldBinding = { name: 'total' }
    setSlot(c, total, numberConst(0))
    eachWhile(c, args, node, value => {
      setSlot(c, total, settle(c, binary(c, '+', c.get(total)!, value, node), node))
    })
    return c.get(total) ?? numberConst(0)
  },
  'iris.anyWhile': (c, args, node) => quantifierWhile(c, args, node, true),
  'iris.allWhile': (c, args, node) => quantifierWhile(c, args, node, false),
  'iris.breakIf': (c, args, node) => control(c, 'onBreak', toBoolean(c, args[0] ?? UNDEFINED, node), args[1], node),
  'iris.breakUnless': (c, args, node) =>
    control(c, 'onBreak', op('i32.eqz', toBoolean(c, args[0] ?? UNDEFINED, node)), args[1], node),
  'iris.continueIf': (c, args, node) =>
    control(c, 'onContinue', toBoolean(c, args[0] ?? UNDEFINED, node), args[1], node),
  'iris.continueUnless': (c, args, node) =>
    control(c, 'onContinue', op('i32.eqz', toBoolean(c, args[0] ?? UNDEFINED, node)), args[1], node),
  'iris.breakOnNaN': (c, args, node) => controlOnNaN(c, 'onBreak', args[0] ?? UNDEFINED, node),
  'iris.continueOnNaN': (c, args, node) => controlOnNaN(c, 'onContinue', args[0] ?? UNDEFINED, node),
  'iris.ifElse': (c, args, node) => {
    const [then = UNDEFINED, otherwise = UNDEFINED] = args.slice(1).map(value => stable(c, value))
    return choose(
      c,
      toBoolean(c, args[0] ?? UNDEFINED, node),
      () => then,
      () => otherwise,
      node,
    )
  },
}

export const intrinsicNames: ReadonlySet<string> = new Set(Object.keys(INTRINSICS))

function range(c: Cursor, args: readonly Value[], node: Node): Value {
  const part = (value: Value | undefined, fallback: number): NumberValue =>
    value && value.k !== 'undefined' ? number(c.temp(toNumber(c, value, node))) : numberConst(fallback)
  const single = !args[1] || args[1].k === 'undefined'
  const step = single ? numberConst(1) : part(args[2], 1)
  c.exitIf(op('f64.eq', step.expr, f64(0)), node, 'the step of a range is 0')
  return {
    k: 'range',
    from: single ? numberConst(0) : part(args[0], Number.NaN),
    to: part(single ? args[0] : args[1], Number.NaN),
    step,
  }
}

/** ceil((to - from) / step), 0 where that is less than 1 or NaN; counts beyond 2^31 leave. */
function countOf(c: Cursor, { from, to, step }: RangeValue, node: Node): Expr {
  const distance = constNumber(from) === 0 ? to.expr : op('f64.sub', to.expr, from.expr)
  const steps = constNumber(step) === 1 ? distance : op('f64.div', distance, step.expr)
  const length = c.temp(op('f64.ceil', steps), 'length')
  c.exitIf(op('f64.gt', length, f64(2 ** 31 - 1)), node, 'a range of more than 2^31 elements', 'integers')
  return op('i32.trunc_sat_s', length)
}

/** from + i * step; the integer i is never -0, so that adding 0 changes nothing. */
function elementOfRange({ from, step }: RangeValue, index: Expr): Value {
  const scaled = constNumber(step) === 1 ? fromInt(index) : op('f64.mul', fromInt(index), step.expr)
  return number(constNumber(from) === 0 && constNumber(step) === 1 ? scaled : op('f64.add', from.expr, scaled))
}

type Visit = (element: Value, index: Value) => void

/** Walks a range or an array; loop controls inside `visit` reach this loop. */
function each(c: Cursor, source: Value, node: Node, visit: Visit): void {
  const body = (element: Value, index: Expr, onBreak: Target): void =>
    c.block('next', onContinue => withControls(c, { onBreak, onContinue }, () => visit(element, int(index))))
  c.block('reduced', onBreak => {
    if (source.k === 'range')
      countedLoop(c, node, countOf(c, source, node), index => body(elementOfRange(source, index), index, onBreak))
    else if (isIterable(source)) {
      const array = held(c, source)
      const length = c.temp(lengthOf(array), 'length')
      countedLoop(c, node, length, index => {
        body(walked(c, array, index, node), index, onBreak)
        if (array.k === 'list') leaveIfGrown(c, array, length, node)
      })
    } else throw c.unsupported(node, `a reduction over a ${describe(source)}`)
  })
}

/** An array iterator asks for the length each time: a list that changes while it is walked leaves. */
function walked(c: Cursor, source: ArrayValue | ListValue, index: Expr, node: Node): Value {
  if (source.k === 'list')
    c.exitIf(op('i32.ge_u', index, lengthOf(source)), node, 'an array shrinks while it is walked')
  return elementInBounds(c, source, index)
}

function leaveIfGrown(c: Cursor, list: ListValue, length: Expr, node: Node): void {
  if (c.env) c.exitIf(op('i32.gt_s', lengthOf(list), length), node, 'an array grows while it is walked')
}

export interface LoopControls {
  readonly onBreak: Target
  readonly onContinue: Target
}

function withControls(c: Cursor, controls: LoopControls, lower: () => void): void {
  c.controls.push(controls)
  try {
    lower()
  } finally {
    c.controls.pop()
  }
}

/** Jumps out of the innermost reduction; outside of any, the JavaScript throws, and so the call leaves. */
function control(c: Cursor, which: keyof LoopControls, test: Expr, value: Value | undefined, node: Node): Value {
  const kept = value ? stable(c, value) : UNDEFINED
  const target = c.controls.at(-1)?.[which]
  if (!target && c.builder !== c.program.entryBuilder) c.program.addHint(() => c.program.hints.inlined.add(rootOf(c)))
  c.branch(
    test,
    () => (target ? c.jump(target) : c.exit(node, 'a loop control outside of a reduction')),
    () => undefined,
  )
  return kept
}

/** The helper that is being lowered, by its key. */
function rootOf(c: Cursor): string {
  let { activation } = c
  while (activation.caller) activation = activation.caller
  return activation.path
}

function controlOnNaN(c: Cursor, which: keyof LoopControls, value: Value, node: Node): Value {
  const x = c.temp(toNumber(c, value, node))
  return control(c, which, op('f64.ne', x, x), number(x), node)
}

/** some (`sense` true) or every: the answer is known at the first element that decides it. */
function quantifier(c: Cursor, args: readonly Value[], node: Node, sense: boolean): Value {
  return decided(c, sense, done =>
    each(c, args[0] ?? UNDEFINED, node, (element, index) => {
      const value = args[1] ? callValue(c, args[1], UNDEFINED, [element, index], node) : element
      if (c.env) done(toBoolean(c, value, node))
    }),
  )
}

function quantifierWhile(c: Cursor, args: readonly Value[], node: Node, sense: boolean): Value {
  return decided(c, sense, done => eachWhile(c, args, node, value => done(toBoolean(c, value, node))))
}

function decided(c: Cursor, sense: boolean, lower: (done: (truth: Expr) => void) => void): Value {
  const slot: FieldBinding = { name: 'decided' }
  c.block('decided', target => {
    lower(truth =>
      c.branch(
        sense ? truth : op('i32.eqz', truth),
        () => {
          c.put(slot, booleanConst(sense))
          c.jump(target)
        },
        () => undefined,
      ),
    )
    if (c.env) c.put(slot, booleanConst(!sense))
  })
  const value = c.get(slot) ?? booleanConst(!sense)
  c.env?.delete(slot)
  return value
}

/** `for (let i = start; test(i); i = next(i)) visit(body(i))`. Controls in `test` or `next` are not caught here, as in JavaScript. */
function eachWhile(c: Cursor, args: readonly Value[], node: Node, visit: (value: Value) => void): void {
  const [start = UNDEFINED, test = UNDEFINED, next = UNDEFINED, body = UNDEFINED] = args
  const at: FieldBinding = { name: 'i' }
  setSlot(c, at, settle(c, start, node))
  c.block('end', onBreak =>
    c.loop(node, new Set([...c.program.assignedIn(c, node), at]), () => {
      const goesOn = toBoolean(c, callValue(c, test, UNDEFINED, [c.get(at)!], node), node)
      c.branch(
        op('i32.eqz', goesOn),
        () => c.jump(onBreak),
        () => undefined,
      )
      c.block('next', onContinue =>
        withControls(c, { onBreak, onContinue }, () => {
          const value = callValue(c, body, UNDEFINED, [c.get(at)!], node)
          if (c.env) visit(value)
        }),
      )
      if (c.env) setSlot(c, at, settle(c, callValue(c, next, UNDEFINED, [c.get(at)!], node), node))
    }),
  )
  c.env?.delete(at)
}

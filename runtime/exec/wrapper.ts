import { NOT_TAKEN } from './failure.ts'
import { freshFunction } from './fresh.ts'

/** How a wrapper serves calls without asking the dispatcher. */
export const MODE = {
  /** every call goes to the dispatcher */
  ask: 0,
  /** the original, whatever the arguments */
  js: 1,
  /** the original unless an argument is an object */
  jsForPrimitives: 2,
  /** `state.run`; calls that it does not take go to the dispatcher */
  compiled: 3,
  /** the original, and every 256th call to the dispatcher */
  jsSampled: 4,
  /** the original, and every 32nd call to `state.run`, which finds out whether that is still right */
  jsMostly: 5,
  /** the same for calls without objects; the others go to the dispatcher */
  jsMostlyForPrimitives: 6,
} as const
export type Mode = (typeof MODE)[keyof typeof MODE]

export type AnyFunction = (this: unknown, ...args: readonly unknown[]) => unknown
export type Tier = 'js' | 'scalar' | 'simd' | 'parallel'
/** `this`, arguments.length, arguments → result or NOT_TAKEN */
export type CompiledCall = (self: unknown, count: number, ...values: readonly unknown[]) => unknown

/** What wrapper and dispatcher share: one object, since V8 folds loads from a constant object's fields well. */
export interface WrapperState {
  mode: Mode
  run: CompiledCall
  /** calls that the wrapper itself gave to the original */
  js: number
  /** calls that ran as Wasm, by tier */
  scalar: number
  simd: number
  parallel: number
}

export type SlowPath = (self: unknown, values: ArrayLike<unknown>, target: AnyFunction | undefined) => unknown

type WrapperFactory = (original: AnyFunction, state: WrapperState, slow: SlowPath, notTaken: symbol) => AnyFunction

const MAX_ARITY = 12

/** Callable exactly like `original`; measured cost in docs (some tenths of a nanosecond once inlined). */
export function makeWrapper(original: AnyFunction, state: WrapperState, slow: SlowPath): AnyFunction {
  const text = Function.prototype.toString.call(original)
  const shape = {
    arities: aritiesOf(original.length, text),
    isArrow: isArrow(text),
    isConstructor: Object.hasOwn(original, 'prototype'),
  }
  const make = freshFunction<WrapperFactory>(wrapperText(shape), original.name || 'kernel')
  return make ? make(original, state, slow, NOT_TAKEN) : sharedWrapper(original, state, slow)
}

interface WrapperShape {
  readonly arities: readonly number[]
  readonly isArrow: boolean
  readonly isConstructor: boolean
}

/** The numbers of arguments that get a fast path: the declared length, up to all parameters (defaults do not count as length). */
function aritiesOf(length: number, text: string): number[] {
  const head = text.slice(0, text.indexOf(')') + 1 || 200)
  const commas = head.split(',').length - 1
  const most = Math.min(Math.max(length, /\(\s*\)/.test(head) ? 0 : commas + 1), length + 3, MAX_ARITY)
  return Array.from({ length: Math.max(most - length, 0) + 1 }, (_, i) => length + i).filter(
    arity => arity <= MAX_ARITY,
  )
}

/** Arrows ignore `this`, so the plain call form can be used, which V8 inlines best. */
const isArrow = (text: string): boolean => /^(\w+|\([^()]*\))\s*=>/.test(text)

const parameters = (arity: number): string[] => Array.from({ length: arity }, (_, i) => `a${i}`)

export function wrapperText(shape: WrapperShape): string {
  const names = parameters(Math.max(0, ...shape.arities)).join(', ')
  const cases = shape.arities.map(arity => caseText(arity, shape.isArrow)).join('')
  const rest = `if (state.mode === ${MODE.js} || (state.mode === ${MODE.jsSampled} && (state.js & 255) !== 255)) {
  state.js++
  return original.apply(this, arguments)
}
`
  const body = `${cases}${rest}return slow(this, arguments, undefined)`
  const made = shape.isConstructor
    ? `function kernel(${names}) { if (new.target !== undefined) return slow(this, arguments, new.target); ${body} }`
    : `{ kernel(${names}) { ${body} } }.kernel`
  return `(function (original_, state_, slow_, NOT_TAKEN_) {
'use strict'
const original = original_, state = state_, slow = slow_, NOT_TAKEN = NOT_TAKEN_
return ${made}
})`
}

function caseText(arity: number, arrow: boolean): string {
  const names = parameters(arity)
  const list = names.join(', ')
  const plain = `original(${list})`
  const call = arrow ? plain : `this === undefined ? ${plain} : original.call(${['this', ...names].join(', ')})`
  const primitives = names.map(name => `typeof ${name} !== 'object'`).join(' && ') || 'true'
  const isForPrimitives = `(mode === ${MODE.jsForPrimitives} || mode === ${MODE.jsMostlyForPrimitives})`
  return `if (arguments.length === ${arity}) {
  const mode = state.mode
  if (mode === ${MODE.compiled} || (mode >= ${MODE.jsMostly} && (state.js & 31) === 31)) {
    const result = state.run(${['this', arity, ...names].join(', ')})
    if (result !== NOT_TAKEN) return result
  } else if ((${isForPrimitives} && ${primitives}) || mode === ${MODE.js} || mode === ${MODE.jsMostly} || (mode === ${MODE.jsSampled} && (state.js & 255) !== 255)) {
    state.js++
    return ${call}
  }
}
`
}

/** The same without code of its own, for hosts that refuse scripts: correct, but not inlined. */
function sharedWrapper(original: AnyFunction, state: WrapperState, slow: SlowPath): AnyFunction {
  return function kernel(this: unknown, ...values: unknown[]): unknown {
    if (new.target !== undefined) return slow(this, values, new.target as unknown as AnyFunction)
    if (state.mode === MODE.js) {
      state.js++
      return original.apply(this, values)
    }
    return slow(this, values, undefined)
  }
}

import type { Profile, ValueShape } from '../../compiler/abi.ts'
import { broadcastInJs } from './broadcast.ts'
import { type Costs, SAMPLED_EVERY } from './costs.ts'
import { CONSTRUCTORS } from './elements.ts'
import { NOT_TAKEN } from './failure.ts'
import { freshFunction } from './fresh.ts'
import { isProxy } from './properties.ts'
import type { AnyFunction, CompiledCall, Tier, WrapperState } from './wrapper.ts'

/** The ways in which calls of one profile can run; the original is always the first. */
export interface SelectorParts {
  readonly original: AnyFunction
  readonly profile: Profile
  /** which arguments are arrays for scalar parameters; undefined: an ordinary call */
  readonly broadcast: readonly boolean[] | undefined
  readonly costs: Costs
  /** of the contenders but for the original, in their order */
  readonly compiled: readonly CompiledCall[]
  readonly state: WrapperState
  readonly name: string
  /** nanoseconds */
  readonly now: () => number
}

/** What the clock adds to everything: the shortest time that it can tell. */
function clockCost(now: () => number): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 50; i++) {
    const start = now()
    least = Math.min(least, now() - start)
  }
  return least
}

type Factory = (bind: Readonly<Record<string, unknown>>) => CompiledCall

/**
 * A call that runs in the contender which is the fastest at its size. Written out for the profile, so that V8 inlines
 * it with the winner: the steady state is a few tests of the arguments and one look into a table of bytes. Nothing of
 * the user's is run to find the size; a call of other kinds is not taken.
 */
export function selectingCall(parts: SelectorParts): CompiledCall | undefined {
  const make = freshFunction<Factory>(selectorText(parts), parts.name)
  return make?.(bindings(parts))
}

const BOUND = [
  ...['original', 'costs', 'choices', 'state', 'NOT_TAKEN', 'isProxy'],
  ...['now', 'clock', 'tagOf', 'lengthOf', 'elementwise'],
]
const TypedArray = Object.getPrototypeOf(Float64Array) as { prototype: object }
const getter = (key: PropertyKey): unknown => Object.getOwnPropertyDescriptor(TypedArray.prototype, key)?.get

function bindings({
  original,
  costs,
  compiled,
  state,
  broadcast,
  now,
}: SelectorParts): Readonly<Record<string, unknown>> {
  return {
    original,
    costs,
    choices: costs.choices,
    state,
    NOT_TAKEN,
    isProxy,
    now,
    clock: clockCost(now),
    tagOf: getter(Symbol.toStringTag),
    lengthOf: getter('length'),
    elementwise: broadcast ? broadcastInJs : undefined,
    ...Object.fromEntries(compiled.map((call, i) => [`run${i + 1}`, call])),
  }
}

export function selectorText(parts: Omit<SelectorParts, 'original' | 'state' | 'now'>): string {
  const { profile, broadcast, costs, compiled } = parts
  const names = Array.from({ length: profile.count }, (_, i) => `a${i}`)
  const list = ['self', 'count', ...names].join(', ')
  const plain = broadcast
    ? `elementwise(original, self, [${names}])`
    : `original.call(${['self', ...names].join(', ')})`
  const guards = [`count === ${profile.count}`, ...profile.args.flatMap((shape, i) => guardOf(shape, `a${i}`))]
  const steady = costs.contenders.map((tier, i) => steadyText(tier, i, i === 0 ? plain : `run${i}(${list})`))
  const runs = compiled.map((_, i) => `picked === ${i + 1} ? run${i + 1}(${list})`).join(' : ')
  return `(function (bind) {
'use strict'
const { ${BOUND.join(', ')}${compiled.map((_, i) => `, run${i + 1}`).join('')} } = bind
const isView = ArrayBuffer.isView, isArray = Array.isArray, clz32 = Math.clz32
function timed(sizeClass, ${list}) {
  const picked = costs.pick(sizeClass)
  const start = now()
  let result
  if (picked === 0) { state.js++; result = ${plain} } else {
    result = ${runs} : NOT_TAKEN
    if (result === NOT_TAKEN) return result
  }
  costs.record(sizeClass, picked, Math.max(now() - start - clock, 1))
  return result
}
return function (${list}) {
  if (!(${guards.join(' && ')})) return NOT_TAKEN
  ${sizeText(profile)}
  switch (choices[sizeClass]) {
${steady.join('\n')}
  }
  return timed(sizeClass, ${list})
}
})`
}

function steadyText(tier: Tier, index: number, call: string): string {
  const counted = index === 0 ? 'state.js++; ' : ''
  return `    case ${index + 1}: if ((state.${tier} & ${SAMPLED_EVERY - 1}) !== ${SAMPLED_EVERY - 1}) { ${counted}return ${call} } break`
}

/** Cheap tests that tell profiles apart; compiled code tests whatever it relies on by itself. */
function guardOf(shape: ValueShape, name: string): string[] {
  switch (shape.k) {
    case 'number':
    case 'boolean':
      return [`typeof ${name} === '${shape.k}'`]
    case 'typed':
      return [`isView(${name})`, `tagOf.call(${name}) === '${CONSTRUCTORS[shape.elem].name}'`]
    case 'list':
      return [`isArray(${name})`, `!isProxy(${name})`]
    default:
      return []
  }
}

/** The longest array among the arguments; where there is none, the largest number: it often is a count. */
function sizeText({ args }: Profile): string {
  const arrays = args.flatMap(({ k }, i) =>
    k === 'typed' ? [`lengthOf.call(a${i})`] : k === 'list' ? [`a${i}.length`] : [],
  )
  const numbers = args.flatMap(({ k }, i) => (k === 'number' ? [`a${i}`] : []))
  const sizes = arrays.length > 0 ? arrays : numbers
  if (sizes.length === 0) return 'const sizeClass = 0'
  const [first, ...rest] = sizes
  const larger = rest.map(size => `other = ${size}; if (other > size) size = other`).join('; ')
  const whole = arrays.length > 0 ? 'size' : '(size > 0 ? (size < 4294967295 ? size : 4294967295) : 0)'
  return `let size = ${first}${rest.length > 0 ? ', other' : ''}; ${larger}; const sizeClass = 32 - clz32(${whole})`
}

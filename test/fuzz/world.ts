import { Script } from 'node:vm'
import type { CompileRequest, SourceFunction, ValueShape } from '../../compiler/abi.ts'
import { type ShapeHost, Shaper } from '../../compiler/source/shape.ts'
import { kernels } from '../../src/kernels/index.ts'
import { GLOBALS, OPTIONS } from '../program/support.ts'
import type { Sample } from './program.ts'

export type AnyFn = (...args: unknown[]) => unknown

/** The functions of a program and the values around them, made anew for every call. */
export interface World {
  readonly kernel: AnyFn
  readonly functions: Readonly<Record<string, AnyFn>>
  readonly values: Readonly<Record<string, unknown>>
}
export interface Call {
  readonly self: unknown
  readonly args: readonly unknown[]
}

/** A sample that V8 has compiled. */
export interface Loaded {
  readonly sample: Sample
  readonly world: () => World
  readonly calls: readonly (() => Call)[]
}

/** The kernel library, as an object of its functions. */
const LIBRARY: object = { ...kernels }

/** What the texts of programs and arguments may use. */
const PRELUDE = {
  kernels: LIBRARY,
  detached(view: ArrayBufferView): ArrayBufferView {
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] })
    return view
  },
  /** Doubles of moderate size, and one odd byte. */
  filled(bytes: number, seed: number): ArrayBuffer {
    const buffer = new ArrayBuffer(bytes)
    const doubles = new Float64Array(buffer)
    for (let i = 0; i < doubles.length; i++) doubles[i] = ((seed * (i + 1)) % 61) - 20 + i / 8
    new Uint8Array(buffer)[seed % bytes] = seed & 255
    return buffer
  },
}

/** @throws SyntaxError where the shrinker has cut too much */
export function load(sample: Sample): Loaded {
  const evaluate = (text: string): unknown => new Script(text).runInThisContext()
  const prepare = evaluate(
    `({ kernels, detached, filled }) => [${[sample.source, ...sample.calls.map(text => `() => (${text})`)].join(',\n')}]`,
  )
  const [world, ...calls] = (prepare as (prelude: typeof PRELUDE) => unknown[])(PRELUDE)
  if (typeof world !== 'function') throw new SyntaxError('the program is not a function')
  return { sample, world: () => whole(world() as Partial<World>), calls: calls as (() => Call)[] }
}

function whole({ kernel, functions, values }: Partial<World>): World {
  if (typeof kernel !== 'function' || typeof functions !== 'object' || typeof values !== 'object')
    throw new SyntaxError('a part of the program is missing')
  return { kernel, functions, values }
}

const textOf = (fn: AnyFn): string => Function.prototype.toString.call(fn)

/** The request that the main thread would make for this call. */
export function requestOf(sample: Sample, world: World, call: Call): CompileRequest {
  const functions = [world.kernel, ...Object.values(world.functions)]
  const host: ShapeHost = {
    functionShape: fn => ({ k: 'function', index: functions.indexOf(fn as AnyFn) }),
    namesFor: () => undefined,
    foundMethod: () => undefined,
    accessorValue: () => undefined,
  }
  const shaper = new Shaper(host, new Set(sample.source.match(/[A-Za-z_$][\w$]*/g)))
  const describe = (values: Readonly<Record<string, unknown>>): [string, ValueShape][] =>
    Object.entries(values).map(([name, value]) => [name, shaper.describe(value, 'variable')])
  const free = Object.fromEntries([
    ...Object.entries(GLOBALS),
    ...describe({
      kernel: world.kernel,
      ...(usesLibrary(sample) && { kernels: LIBRARY }),
      ...world.functions,
      ...world.values,
    }),
  ])
  const args = call.args.map(value => withoutValue(shaper.describe(value)))
  const thisValue = shaper.describe(call.self)
  shaper.settle()
  return {
    graph: { functions: functions.map((fn): SourceFunction => ({ name: fn.name, text: textOf(fn), free })) },
    profile: { args, thisValue, count: args.length },
    options: { ...OPTIONS, speculateIntegers: sample.speculateIntegers, tier: sample.tier },
  }
}

const usesLibrary = ({ source }: Sample): boolean => source.includes('kernels.')

/** What a name in the text stands for, beyond the functions and values of the program. */
export const preludeValue = (name: string): unknown => (name === 'kernels' ? LIBRARY : undefined)

/** Arguments are no constants. */
function withoutValue(shape: ValueShape): ValueShape {
  return shape.k === 'number' || shape.k === 'boolean' ? { k: shape.k } : shape
}

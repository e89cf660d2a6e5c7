import type { CallPlan } from '../../compiler/abi.ts'
import { createInterpreter, ExitSignal, OutOfFuel } from '../../compiler/ir/interp.ts'
import type { Module } from '../../compiler/ir/ir.ts'
import { lower } from '../../compiler/program/lower.ts'
import { requestFor } from '../program/support.ts'

/** Runs kernels of js-loops.ts, as lowered or as the passes left them, in the reference interpreter. */
export interface LoweredKernel {
  readonly module: Module
  readonly params: readonly number[]
}

const LENGTHS = [9, 6, 8, 5] as const
const VALUES = [1, -2.5, 0, -0, Number.NaN, 7, 3, 1e10, 0.25]

/** Source text → module; undefined where the text is outside of the language. */
export function lowerKernel(text: string, speculateIntegers: boolean): LoweredKernel | undefined {
  const fn = Object.assign(() => 0, { toString: () => text })
  Object.defineProperty(fn, 'name', { value: 'kernel' })
  const args = [new Float64Array(1), new Int32Array(1), new Uint8Array(1), new Float32Array(1), 1, 1]
  const { module, plan } = lower(requestFor(fn, args, {}, { speculateIntegers }))
  return { module, params: parameters(plan.inputs) }
}

/** Which argument each parameter is. */
function parameters(inputs: CallPlan['inputs']): readonly number[] {
  return inputs.flatMap(input => (input.param && 'arg' in input.access.root ? [input.access.root.arg] : []))
}

export type KernelOutcome =
  | { readonly end: 'exit'; readonly site: number }
  | { readonly end: 'fuel' }
  | { readonly end: 'return'; readonly result: number | undefined; readonly bytes: readonly number[] }

const OFFSETS = [1024, 1280, 1536, 1792]

/** `sizes`: how many elements of each array there are (at most nine, six, eight, five). */
export function runKernel(
  { params }: LoweredKernel,
  module: Module,
  numbers: readonly [number, number],
  sizes: readonly number[],
  fuel: number,
): KernelOutcome {
  const memory = new ArrayBuffer(4096)
  fillMemory(memory)
  const args = params.flatMap(arg =>
    arg < 4 ? [OFFSETS[arg] as number, sizes[arg] as number] : [numbers[arg - 4] as number],
  )
  const interpreter = createInterpreter(module, { memory, context: 64, hosts: HOSTS, fuel })
  try {
    const result = interpreter.run(...args)
    return { end: 'return', result, bytes: canonical(memory) }
  } catch (error) {
    if (error instanceof ExitSignal) return { end: 'exit', site: error.status - 1 }
    if (error instanceof OutOfFuel) return { end: 'fuel' }
    throw error
  }
}

const HOSTS = Object.fromEntries(
  (['pow', 'sin', 'cos', 'exp', 'log', 'hypot'] as const).map(name => [
    `Math.${name}`,
    Math[name] as (...args: number[]) => number,
  ]),
)

function fillMemory(memory: ArrayBuffer): void {
  const [a, b, d, e] = OFFSETS as [number, number, number, number]
  new Float64Array(memory, a, LENGTHS[0]).set(VALUES)
  new Int32Array(memory, b, LENGTHS[1]).set([3, -1, 2 ** 31 - 1, 0, 5, -(2 ** 31)])
  new Uint8Array(memory, d, LENGTHS[2]).set([0, 1, 2, 255, 4, 3, 128, 7])
  new Float32Array(memory, e, LENGTHS[3]).set([0.5, -1.5, 3, Number.NaN, -0])
}

/** The arrays as numbers: NaNs are alike. */
function canonical(memory: ArrayBuffer): number[] {
  const [a, b, d, e] = OFFSETS as [number, number, number, number]
  return [
    ...new Float64Array(memory, a, LENGTHS[0]),
    ...new Int32Array(memory, b, LENGTHS[1]),
    ...new Uint8Array(memory, d, LENGTHS[2]),
    ...new Float32Array(memory, e, LENGTHS[3]),
  ]
}

export const NUMBERS: readonly (readonly [number, number])[] = [
  [3, 2],
  [9, 1],
  [0, 5],
  [-1, 3],
  [2.5, 2],
  [Number.NaN, 4],
  [-0, 0],
  [2 ** 31, 3],
  [4, -(2 ** 31)],
  [2 ** 31 - 1, 2 ** 31 - 1],
]

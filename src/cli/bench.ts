import { writeFileSync } from 'node:fs'
import { Script } from 'node:vm'
import { duration } from '../../base/duration.ts'
import type { Dispatcher } from '../../runtime/exec/dispatch.ts'
import { guessArguments } from '../../runtime/exec/guess.ts'
import type { KernelOptions } from '../../runtime/exec/options.ts'
import { isTypedArray } from '../../runtime/exec/shape-key.ts'
import type { AnyFunction } from '../../runtime/exec/wrapper.ts'
import { alloc, free } from '../memory.ts'
import { offload } from '../offload.ts'
import { barChart } from './chart.ts'
import { CliError } from './cli-error.ts'
import { kernelsOf } from './explain.ts'
import { interleaved } from './measure.ts'
import { table } from './table.ts'

export interface BenchFlags {
  readonly size: number
  readonly args?: string
  readonly only?: string
  readonly rounds: number
  readonly svg?: string
  readonly json?: boolean
}

/** One way to run a function, measured. */
export interface BenchRow {
  readonly kernel: string
  readonly arguments: string
  /** `Iris`: as offloaded, the tier chosen by measurement; the others insist on a tier */
  readonly contender: string
  readonly memory: 'ordinary' | 'kernel'
  readonly ns: number
  /** time of the original / this time */
  readonly ratio: number
  /** results and arguments have the bits of the original after a call */
  readonly equal: boolean
  readonly note: string
}

/** Measures the offloaded functions of a module; gives the exit code. */
export async function benchFile(file: string, flags: BenchFlags, write: (text: string) => void): Promise<number> {
  const kernels = await kernelsOf(file)
  const rows: BenchRow[] = []
  for (const { dispatcher, exportedAs } of kernels) {
    const { displayName } = dispatcher.subject
    const name = displayName === 'anonymous' ? (exportedAs ?? displayName) : displayName
    if (flags.only && !name.includes(flags.only)) continue
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}`)
    rows.push(...(await benchKernel(name, dispatcher, flags)))
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (rows.length === 0) throw new CliError(`no offloaded function of ${file} has a name that contains "${flags.only}"`)
  if (flags.svg) writeFileSync(flags.svg, chartOf(rows))
  write(flags.json ? JSON.stringify(rows, null, 2) : format(rows))
  return rows.every(({ equal }) => equal) ? 0 : 1
}

interface Contender {
  readonly label: string
  readonly memory: BenchRow['memory']
  readonly run: AnyFunction
  readonly args: readonly unknown[]
  readonly note: () => string
}

async function benchKernel(name: string, { subject }: Dispatcher, flags: BenchFlags): Promise<BenchRow[]> {
  const { original, options } = subject
  const make = argumentsFor(original, flags)
  const contenders = [
    plain('JavaScript', original, make()),
    await offloaded('Iris', original, options, make(), 'ordinary'),
    await offloaded('Iris', original, options, make(), 'kernel'),
  ]
  for (const tier of ['scalar', 'simd', 'parallel'] as const)
    contenders.push(await offloaded(tier, original, { ...options, tier }, make(), 'kernel'))
  const expected = outcomeOf(original, make())
  const equal = contenders.map(each => same(expected, outcomeOf(each.run, fresh(each, make()))))
  const timings = interleaved(
    contenders.map(
      ({ run, args }) =>
        () =>
          Reflect.apply(run, undefined, args),
    ),
    flags.rounds,
  )
  const base = timings[0]?.ns ?? Number.NaN
  const rows = contenders.map(({ label, memory, note }, i) => ({
    kernel: name,
    arguments: make().map(describe).join(', '),
    contender: label,
    memory,
    ns: timings[i]?.ns ?? Number.NaN,
    ratio: base / (timings[i]?.ns ?? Number.NaN),
    equal: (equal[i] ?? false) || options.math === 'fast',
    note: note(),
  }))
  for (const { memory, args } of contenders) if (memory === 'kernel') release(args)
  return rows
}

const plain = (label: string, run: AnyFunction, args: readonly unknown[]): Contender => ({
  label,
  memory: 'ordinary',
  run,
  args,
  note: () => '',
})

async function offloaded(
  label: string,
  original: AnyFunction,
  options: KernelOptions,
  given: readonly unknown[],
  memory: BenchRow['memory'],
): Promise<Contender> {
  const kernel = offload(original as (...args: never) => unknown, { ...options, strategy: 'jit' })
  const args = memory === 'kernel' ? given.map(inKernelMemory) : given
  await Reflect.apply(kernel.warmup, kernel, args)
  const note = (): string => {
    const { tier, profiles } = kernel.explain()
    const missed = profiles.find(({ status }) => status === 'miss')?.diagnostics[0]
    return missed ? `${missed.code} ${missed.message}` : tier
  }
  return { label, memory, run: kernel as unknown as AnyFunction, args, note }
}

/** The same arguments anew, where the contender wants them. */
function fresh({ memory, args }: Contender, made: readonly unknown[]): readonly unknown[] {
  if (memory === 'ordinary') return made
  args.forEach((arg, i) => {
    if (isTypedArray(arg)) (arg as unknown as Float64Array).set(made[i] as Float64Array)
  })
  return args
}

function inKernelMemory(value: unknown): unknown {
  if (!isTypedArray(value)) return value
  const source = value as unknown as Float64Array
  const view = alloc(source.constructor as Float64ArrayConstructor, source.length)
  view.set(source)
  return view
}

function release(args: readonly unknown[]): void {
  for (const arg of args) if (isTypedArray(arg)) free(arg as unknown as Float64Array)
}

/** @throws CliError where the expression for the arguments is none */
function argumentsFor(original: AnyFunction, flags: BenchFlags): () => unknown[] {
  const { args, size } = flags
  if (args === undefined) {
    const text = Function.prototype.toString.call(original)
    return () => guessArguments(text, size) ?? []
  }
  return () => {
    let value: unknown
    try {
      value = new Script(`(${args})`).runInThisContext()
    } catch (error) {
      throw new CliError(`--args ${args}: ${error instanceof Error ? error.message : String(error)}`)
    }
    if (!Array.isArray(value))
      throw new CliError(`--args ${args}: an array is wanted, such as [new Float64Array(9), 1]`)
    return value
  }
}

interface Outcome {
  readonly result: unknown
  readonly args: readonly unknown[]
}

function outcomeOf(run: AnyFunction, args: readonly unknown[]): Outcome {
  try {
    return { result: Reflect.apply(run, undefined, args), args }
  } catch (error) {
    throw new CliError(`the function throws for these arguments: ${String(error)} (fix: pass --args)`, { cause: error })
  }
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (isTypedArray(a) && isTypedArray(b)) {
    const [left, right] = [a as unknown as Float64Array, b as unknown as Float64Array]
    return left.length === right.length && left.every((value, i) => Object.is(value, right[i]))
  }
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every(key => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  )
}

function describe(value: unknown): string {
  if (isTypedArray(value)) return `${value.constructor.name}(${value.length})`
  if (Array.isArray(value)) return `array(${value.length})`
  return typeof value === 'number' ? String(value) : typeof value
}

function format(rows: readonly BenchRow[]): string {
  const names = [...new Set(rows.map(({ kernel }) => kernel))]
  const parts = names.map(name => {
    const own = rows.filter(({ kernel }) => kernel === name)
    const lines = own.map(({ contender, memory, ns, ratio, equal, note }) => [
      contender,
      memory,
      duration(ns),
      ratio.toFixed(2),
      equal ? 'yes' : 'NO',
      note,
    ])
    const head = ['', 'memory', 'time', 'JS / this', 'bits equal', 'ran as']
    return `${name}(${own[0]?.arguments})\n${table(head, lines)}`
  })
  return parts.join('\n\n')
}

const chartOf = (rows: readonly BenchRow[]): string =>
  barChart(
    'time of the original / time with Iris',
    rows
      .filter(({ contender }) => contender !== 'JavaScript')
      .map(({ kernel, contender, memory, ratio }) => ({ label: `${kernel}, ${contender}, ${memory}`, value: ratio })),
  )

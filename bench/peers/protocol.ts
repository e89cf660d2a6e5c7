import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Argument, NumberArray } from '../arguments.ts'

/**
 * How a peer's program is asked to time one kernel:
 *
 *     program NAME ROUNDS ARGUMENT...
 *
 * Arguments are numbers, or paths of files with the elements of arrays, whose endings name their kind. The program
 * calls the kernel once and writes the arrays back, so that its results can be compared; then it warms up, finds how
 * many calls make one sample of some milliseconds, takes ROUNDS samples and prints an {@link Answer}, or null when it
 * has no such kernel. Without rounds it only calls the kernel.
 */
export interface Answer {
  /** of the first call; 0 when the kernel returns nothing */
  readonly value: number
  /** nanoseconds per call */
  readonly samples: readonly number[]
}

export interface Question {
  readonly kernel: string
  readonly args: readonly Argument[]
  readonly rounds: number
}

/** An answer with the arguments as the first call left them. */
export interface Result extends Answer {
  readonly args: readonly Argument[]
}

const KINDS = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8: Uint8Array,
} as const
const TIME_LIMIT_MS = 300_000

/** The ending of the file of an array. */
export function kindOf(array: NumberArray): string {
  const found = Object.entries(KINDS).find(([, kind]) => array instanceof kind)
  if (!found) throw new TypeError(`peers know no ${array.constructor.name}`)
  return found[0]
}

export function parseAnswer(text: string, rounds: number): Answer | undefined {
  const answer = JSON.parse(text) as Partial<Answer> | null
  if (answer === null) return undefined
  const { value, samples } = answer
  if (typeof value === 'number' && Array.isArray(samples) && samples.length === rounds && samples.every(isTime))
    return { value, samples }
  throw new TypeError(`not an answer: ${text.trim()}`)
}

const isTime = (ns: unknown): boolean => typeof ns === 'number' && ns > 0

/** Asks a program in a folder for its files; undefined when it has no such kernel. */
export async function ask(
  [program, ...before]: readonly [string, ...string[]],
  { kernel, args, rounds }: Question,
  folder: string,
): Promise<Result | undefined> {
  const texts = args.map((arg, i) => (typeof arg === 'number' ? String(arg) : join(folder, `${i}.${kindOf(arg)}`)))
  for (const [i, arg] of args.entries()) if (typeof arg !== 'number') await writeFile(texts[i]!, arg)
  const { stdout } = await promisify(execFile)(program, [...before, kernel, String(rounds), ...texts], {
    timeout: TIME_LIMIT_MS,
  })
  const answer = parseAnswer(stdout, rounds)
  if (!answer) return undefined
  return { ...answer, args: await Promise.all(texts.map(readArgument)) }
}

/** The number or the array that an argument of the protocol stands for. */
export async function readArgument(text: string): Promise<Argument> {
  const kind = KINDS[extname(text).slice(1) as keyof typeof KINDS]
  if (!kind) return Number(text)
  const { buffer } = new Uint8Array(await readFile(text))
  return new kind(buffer)
}

/** What a failed program said, in one line: Python ends with its error, Node has a stack and its version below it. */
export function failure(error: unknown): string {
  const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string }
  const lines = stderr.trim().split('\n')
  return lines.findLast(line => /^\w*Error\b/.test(line)) || lines.at(-1) || message
}

import { IrisError } from '../../base/diagnostic.ts'

/** Options of offload(). */
export interface OffloadOptions {
  /** 'jit' (default): calls run on this thread. 'actor': the callable returns a promise and runs on the offload pool. */
  readonly strategy?: 'jit' | 'actor'
  /** 'strict' (default): the bits of plain JavaScript. 'fast': see docs/semantics.md for the three permissions. */
  readonly math?: 'strict' | 'fast'
  /** With 'fast': relaxed multiply-add where the host has it; then bits depend on the host. */
  readonly contract?: boolean
  /** Checked against inference; a diagnostic when it disagrees. */
  readonly returns?: 'f64' | 'f32' | 'i32' | 'u32' | 'bool' | 'void'
  /** Values of free variables, for surroundings in which they cannot be read. */
  readonly captures?: Readonly<Record<string, unknown>>
  /** Cores to use, or whether to; default: decided by measurement. */
  readonly parallel?: boolean | number
  /** What a call does when it cannot run compiled: run as JS (default), the same with one warning, or throw. */
  readonly onMiss?: 'js' | 'warn' | 'throw'
  /** 'auto' (default) decides; any other insists: the highest available tier at or below it runs. */
  readonly tier?: 'auto' | 'js' | 'scalar' | 'simd' | 'parallel'
  /** Name for explain() and logs; default: the function's. */
  readonly name?: string
}

export type KernelOptions = Required<Omit<OffloadOptions, 'returns' | 'captures' | 'name' | 'parallel'>> &
  Pick<OffloadOptions, 'returns' | 'captures' | 'name' | 'parallel'>

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  strategy: ['jit', 'actor'],
  math: ['strict', 'fast'],
  returns: ['f64', 'f32', 'i32', 'u32', 'bool', 'void'],
  onMiss: ['js', 'warn', 'throw'],
  tier: ['auto', 'js', 'scalar', 'simd', 'parallel'],
}
const NAMES = [...Object.keys(CHOICES), 'contract', 'captures', 'parallel', 'name']

const DEFAULTS = { strategy: 'jit', math: 'strict', contract: false, onMiss: 'js', tier: 'auto' } as const

/** Fills in defaults. @throws IrisError IRIS5002 for an unknown name or a wrong value */
export function resolveOptions(options: OffloadOptions = {}): KernelOptions {
  if (!isRecord(options))
    throw wrong('options', `${show(options)} is not an object`, "pass an object such as { math: 'fast' }")
  for (const [name, value] of Object.entries(options)) if (value !== undefined) check(name, value)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as OffloadOptions
  if (given.contract && given.math !== 'fast')
    throw wrong('contract', "it changes bits, which math: 'strict' forbids", "add math: 'fast', or leave contract out")
  return { ...DEFAULTS, ...given }
}

function check(name: string, value: unknown): void {
  if (!NAMES.includes(name)) throw unknownName(name)
  const choices = CHOICES[name]
  if (choices && !choices.includes(value as string)) throw wrongChoice(name, value, choices)
  if (name === 'contract' && typeof value !== 'boolean')
    throw wrong(name, `${show(value)} is not a boolean`, 'pass true or false')
  if (name === 'name' && typeof value !== 'string') throw wrong(name, `${show(value)} is not a string`, 'pass a string')
  if (name === 'captures' && !isRecord(value))
    throw wrong(name, `${show(value)} is not an object`, 'pass an object: { variableName: value }')
  if (name === 'parallel' && !isParallel(value))
    throw wrong(
      name,
      `${show(value)} is neither a boolean nor a whole number >= 1`,
      'pass true, false or a number of threads',
    )
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isParallel = (value: unknown): boolean =>
  typeof value === 'boolean' || (Number.isInteger(value) && (value as number) >= 1)

function wrong(name: string, reason: string, fix: string): IrisError {
  return new IrisError('IRIS5002', { name, reason, fix })
}

function unknownName(name: string): IrisError {
  const near = nearest(name, NAMES)
  return wrong(
    name,
    'there is no such option',
    near ? `did you mean \`${near}\`?` : `the options are ${NAMES.join(', ')}`,
  )
}

function wrongChoice(name: string, value: unknown, choices: readonly string[]): IrisError {
  const near = typeof value === 'string' ? nearest(value, choices) : undefined
  const list = choices.map(choice => `'${choice}'`).join(', ')
  return wrong(name, `${show(value)} is not one of ${list}`, near ? `did you mean '${near}'?` : `pass one of ${list}`)
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? `'${value}'`
    : typeof value === 'function'
      ? 'a function'
      : Array.isArray(value)
        ? 'an array'
        : String(value)
}

/** The candidate within a third of the letters. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map(each => ({ each, distance: editDistance(text.toLowerCase(), each.toLowerCase()) }))
  const best = ranked.reduce((a, b) => (b.distance < a.distance ? b : a))
  return best.distance <= Math.max(1, Math.floor(best.each.length / 3)) ? best.each : undefined
}

/** Damerau and Levenshtein's, restricted to adjacent transpositions that are not edited further. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, change, swap))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

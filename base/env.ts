import { IrisError } from './diagnostic.ts'

/**
 * THE table of flags: every environment variable that Iris reads, with its kind, its default and what it does.
 * `iris doctor` prints it; nothing else reads process.env. A flag that changes generated code is `code: true`: it
 * belongs to the key of every cache of compiled code.
 */
export const FLAGS = {
  IRIS_JIT_LOG: {
    kind: 'boolean',
    default: false,
    code: false,
    about: 'log compiling, misses and decisions to stderr',
  },
  IRIS_JIT_QUANTUM: {
    kind: 'boolean',
    default: false,
    code: false,
    about: 'let several compiled variants of a kernel compete',
  },
  IRIS_MEMORY_INITIAL: { kind: 'bytes', default: 4 * 1024 * 1024, code: false, about: 'kernel memory at first use' },
  IRIS_MEMORY_MAX: {
    kind: 'bytes',
    default: 1024 * 1024 * 1024,
    code: false,
    about: 'most kernel memory (at most 2g)',
  },
  IRIS_THREADS: {
    kind: 'count',
    default: 0,
    code: false,
    about: 'threads for run() and parallel loops (0: as many as the machine has cores; 1: no parallel loops)',
  },
  IRIS_COMPILER_IDLE_MS: {
    kind: 'count',
    default: 5000,
    code: false,
    about: 'idle time after which the compiler thread is let go',
  },
  IRIS_PROFILE_LIMIT: {
    kind: 'count',
    default: 6,
    code: false,
    about: 'kinds of arguments that one kernel is compiled for',
  },
  IRIS_CACHE: {
    kind: 'boolean',
    default: true,
    code: false,
    about: 'keep compiled kernels on disk for the next start',
  },
  IRIS_CACHE_DIR: {
    kind: 'text',
    default: '',
    code: false,
    about: "folder of that cache (default: the project's node_modules/.cache/iris-fabric, else the user's cache)",
  },
} as const satisfies Record<string, Flag>

type Flag =
  | { readonly kind: 'boolean'; readonly default: boolean; readonly code: boolean; readonly about: string }
  | { readonly kind: 'text'; readonly default: string; readonly code: boolean; readonly about: string }
  | { readonly kind: 'bytes' | 'count'; readonly default: number; readonly code: boolean; readonly about: string }

export type FlagName = keyof typeof FLAGS
type Values = { readonly boolean: boolean; readonly text: string; readonly bytes: number; readonly count: number }
export type FlagValue<N extends FlagName> = Values[(typeof FLAGS)[N]['kind']]
export type Environment = Readonly<Record<string, string | undefined>>

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }
const OFF = new Set(['', '0', 'false', 'off', 'no'])

/**
 * The value of a flag, or its default when it is not set.
 * @throws IrisError IRIS5002 when the text is no value of its kind
 */
export function readFlag<N extends FlagName>(name: N, env: Environment = process.env): FlagValue<N> {
  const text = env[name]?.trim()
  const value = text === undefined ? FLAGS[name].default : parse(name, FLAGS[name].kind, text)
  return value as FlagValue<N>
}

/** For flags whose name the user chooses (`setJitLogging(undefined, 'MY_LOG')`). */
export const readSwitch = (name: string, env: Environment = process.env): boolean => isOn(env[name] ?? '')

const isOn = (text: string): boolean => !OFF.has(text.trim().toLowerCase())

function parse(name: string, kind: Flag['kind'], text: string): boolean | number | string {
  if (kind === 'text') return text
  if (kind === 'boolean') return isOn(text)
  const [, digits, unit] = /^(\d+)([kmg]?)b?$/i.exec(text) ?? []
  const scale = UNITS[(unit ?? '').toLowerCase()]
  if (!digits || scale === undefined || (kind === 'count' && scale !== 1)) throw wrong(name, kind, text)
  return Number(digits) * scale
}

function wrong(name: string, kind: Flag['kind'], text: string): IrisError {
  const expected = kind === 'bytes' ? 'a number of bytes such as 67108864, 64m or 1g' : 'a whole number'
  return new IrisError('IRIS5002', {
    name,
    reason: `it is ${JSON.stringify(text)}, not ${expected}`,
    fix: `set ${name} to ${expected}`,
  })
}

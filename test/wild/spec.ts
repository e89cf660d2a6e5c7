import type { Kind } from './kinds.ts'

// biome-ignore lint/complexity/noBannedTypes: functions of foreign packages have no better type
export type AnyFunction = Function
export type Namespace = Readonly<Record<string, unknown>>

/** How one package enters the corpus: where its functions are, what its parameters take, and what is left out and why. */
export interface PackageSpec {
  readonly name: string
  readonly domain: string
  /** module imported, where it is not the package itself */
  readonly module?: string
  /** The object whose functions are taken; called once for the original and once for Iris where `stateful`. */
  readonly take?: (exports: Namespace, load: (module: string) => Promise<Namespace>) => unknown
  /** Kinds by parameter name, or by `namespace.name` where a name means different things. */
  readonly params?: Readonly<Record<string, Kind>>
  /** Kinds of all arguments, by path of the function: wins over `params`. */
  readonly functions?: Readonly<Record<string, readonly Kind[]>>
  /** Functions outside the rule, by path (`prefix.*` for several), with the reason. */
  readonly skip?: Readonly<Record<string, string>>
  /** Functions advance state of their own (generators): each side gets its own copy of the namespace. */
  readonly stateful?: true
}

/** A function of the corpus. `receiver`: the object it is called on. */
export interface Subject {
  readonly package: string
  readonly domain: string
  readonly path: string
  readonly original: AnyFunction
  /** the function to offload: another instance of the original where the package keeps state */
  readonly subject: AnyFunction
  readonly receiver: unknown
  readonly subjectReceiver: unknown
  readonly kinds: readonly Kind[]
  readonly stateful: boolean
}

export interface Excluded {
  readonly package: string
  readonly path: string
  readonly reason: string
}

/** Reasons written once, so that the report can count them. */
export const TAKES_FUNCTION = 'takes or returns a function'
export const TAKES_STRING = 'takes or returns strings'
export const SETS_STATE = 'changes global state'
export const RANDOM = 'random'
export const NOT_PLAIN = 'takes dates, class instances or documents'

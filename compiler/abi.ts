import type { Diagnostic, Span } from '../base/diagnostic.ts'
import type { Elem } from './ir/types.ts'

/**
 * The contract between the main thread and the compiler: plain data only, so that it crosses threads and can be
 * written to disk. The main thread describes a function and the arguments of a call ({@link CompileRequest}); the
 * compiler answers with Wasm and a plan for calling it ({@link CompiledKernel}), or with the diagnostics of a miss.
 */

/** One function's source, read with Function.prototype.toString. Functions refer to each other by index. */
export interface SourceFunction {
  readonly name: string
  readonly text: string
  /** Text to parse instead (unwrapped: coverage counters, helper wrappers … removed), same length where possible. */
  readonly file?: string
  /** 1-based position of the function in its file, after source maps. */
  readonly line?: number
  readonly column?: number
  /** Value of each free variable, by name, of this function (not shared: two helpers may bind a name differently). */
  readonly free: Readonly<Record<string, ValueShape>>
  /** Shape of `this` where the function is called as a method of a captured object; the entry's comes with the profile. */
  readonly thisShape?: ValueShape
}

export interface SourceGraph {
  /** functions[0] is the kernel. */
  readonly functions: readonly SourceFunction[]
}

/**
 * What is known of a JavaScript value before the call. For captured primitives the value itself is constant (the
 * binding is proven never to be reassigned); arrays and objects are live: they are read again at each call.
 * `path` of a live value is found by the compiler from where it stands (argument 2, field `x`, …).
 */
export type ValueShape =
  | { readonly k: 'number'; readonly value?: number }
  | { readonly k: 'boolean'; readonly value?: boolean }
  | { readonly k: 'undefined' }
  | { readonly k: 'null' }
  | { readonly k: 'string'; readonly value: string }
  /** typed array; `id`: equal for equal views (same buffer, offset, length, kind), `group`: equal where buffers overlap */
  | { readonly k: 'typed'; readonly elem: Elem; readonly id: number; readonly group: number }
  /** plain array; `element`: the common shape of the elements (undefined when empty); `mixed` numbers and undefined/null/booleans */
  | {
      readonly k: 'list'
      readonly element?: ValueShape
      readonly mixed?: true
      readonly id: number
      readonly frozen?: true
    }
  /**
   * object (also a namespace, a class or `this`): only fields whose names occur in the program text. `inherited`: those found on its
   * prototypes. `namespace`: fields may be accessors that only give a variable's value (exports), so reading them is safe.
   */
  | {
      readonly k: 'object'
      readonly fields: Readonly<Record<string, ValueShape>>
      readonly id: number
      readonly frozen?: true
      readonly namespace?: true
      readonly inherited?: readonly string[]
    }
  /** function with source: index in SourceGraph.functions; `fields`: own properties that the program text mentions */
  | { readonly k: 'function'; readonly index: number; readonly fields?: Readonly<Record<string, ValueShape>> }
  /** built-in by identity: 'Math.sin', 'Float64Array', 'isNaN', 'iris.range', …; `fields`: properties that are not its own pristine ones */
  | { readonly k: 'builtin'; readonly name: string; readonly fields?: Readonly<Record<string, ValueShape>> }
  | { readonly k: 'opaque'; readonly what: string; readonly code?: Diagnostic['code'] }

export interface Profile {
  readonly args: readonly ValueShape[]
  readonly thisValue?: ValueShape
  /** arguments.length */
  readonly count: number
}

export interface CompileOptions {
  readonly math: 'strict' | 'fast'
  readonly contract: boolean
  readonly returns?: 'f64' | 'f32' | 'i32' | 'u32' | 'bool' | 'void'
  /** Assume that number parameters used as counts and indices are 32-bit integers (guarded at entry by an exit). */
  readonly speculateIntegers: boolean
  readonly tier: 'scalar' | 'simd' | 'parallel'
  /** Tier 'parallel': operations below which a loop is not worth sharing among threads (tests: 1). */
  readonly grain?: number
  /** Arguments that are arrays of elements: compile the loop that calls the scalar kernel for each (result: f64 array). */
  readonly broadcast?: readonly boolean[]
  /** Texts wanted in the answer. */
  readonly dump?: { readonly ir?: boolean; readonly wat?: boolean; readonly passes?: boolean }
}

export interface CompileRequest {
  readonly graph: SourceGraph
  readonly profile: Profile
  readonly options: CompileOptions
}

/** Where a live value is found at call time. */
export interface Access {
  readonly root: { readonly arg: number } | { readonly this: true } | { readonly func: number; readonly free: string }
  readonly path: readonly string[]
}

/**
 * One thing to check or pass at each call, in order. Those with `param` become Wasm parameters in that order:
 * number → f64, boolean → i32, typed → (pointer i32, length i32), list → handle i32.
 */
export type Input =
  | { readonly kind: 'number'; readonly access: Access; readonly param: true }
  | { readonly kind: 'boolean'; readonly access: Access; readonly param: true }
  | {
      readonly kind: 'typed'
      readonly access: Access
      readonly param: true
      readonly elem: Elem
      readonly reads: boolean
      readonly writes: boolean
      readonly group: number
    }
  | {
      readonly kind: 'list'
      readonly access: Access
      readonly param: true
      readonly element: ListElement
      readonly reads: boolean
      readonly writes: boolean
      readonly resizes: boolean
    }
  /** guard only: the value is this primitive (undefined, null, a string, a constant) */
  | {
      readonly kind: 'is'
      readonly access: Access
      readonly param: false
      readonly value: undefined | null | string | number | boolean
    }
  /** guard only: same object as another access (same: true) or not (same: false) */
  | {
      readonly kind: 'same'
      readonly access: Access
      readonly param: false
      readonly other: Access
      readonly same: boolean
    }
  /** guard only: still the function that was compiled in (SourceGraph index or built-in name) */
  | { readonly kind: 'function'; readonly access: Access; readonly param: false; readonly target: number | string }
  /** guard only: an object whose listed own fields are data properties, and which is no Proxy */
  | {
      readonly kind: 'object'
      readonly access: Access
      readonly param: false
      readonly fields: readonly string[]
      /** properties that neither the object nor its prototypes may have */
      readonly absent?: readonly string[]
    }

/** How the host makes the JavaScript result. Scalars come as Wasm result; the rest from the result slots. */
export type Result =
  | { readonly kind: 'void' }
  | { readonly kind: 'constant'; readonly value: undefined | null | boolean | number | string }
  | { readonly kind: 'f64' | 'i32' | 'u32' | 'bool' }
  /** slot holds a box */
  | { readonly kind: 'box'; readonly slot: number }
  /** slot holds f64 (leaf of an object or array result) */
  | { readonly kind: 'slot'; readonly as: 'f64' | 'i32' | 'bool'; readonly slot: number }
  /** a new typed array: slot holds pointer and length */
  | { readonly kind: 'typed'; readonly elem: Elem; readonly slot: number }
  /** a new plain array: slot holds a list handle */
  | { readonly kind: 'list'; readonly element: ListElement; readonly slot: number }
  /** an object: slot holds the handle of the list of its fields */
  | { readonly kind: 'record'; readonly fields: readonly string[]; readonly slot: number }
  /** one of the inputs itself */
  | { readonly kind: 'input'; readonly access: Access }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [name: string, value: Result])[] }
  /** an array literal of fixed length */
  | { readonly kind: 'tuple'; readonly items: readonly Result[] }
  /** slot holds an i32 that chooses */
  | { readonly kind: 'choice'; readonly slot: number; readonly options: readonly Result[] }
/**
 * `record`: objects, of which the own numeric fields of these names are copied, in this order, as a list of f64 each. Those that
 * the kernel made have these fields alone.
 */
export type ListElement =
  | 'f64'
  | 'box'
  | { readonly list: ListElement }
  | { readonly typed: Elem }
  | { readonly record: readonly string[] }

/** Fields of objects that are written after success: slot → property. */
export interface WriteBack {
  readonly access: Access
  readonly value: Result
}

export interface CallPlan {
  readonly inputs: readonly Input[]
  readonly result: Result
  readonly writeBacks: readonly WriteBack[]
  readonly mayExit: boolean
  /** Whether an exit can follow a write to an input (then arrays written in place are backed up before the call). */
  readonly exitsAfterEffect: boolean
  readonly usesArena: boolean
  /** absent: unknown, taken as true */
  readonly hasLoops?: boolean
  /** works on several elements at a time */
  readonly isVector?: boolean
  /** `math: 'fast'` may have changed bits: calls must not alternate between this code and JavaScript */
  readonly isInexact?: boolean
  /** ... but not calls whose arrays among the arguments are all shorter than this */
  readonly exactBelow?: number
  /** Built-ins whose meaning is compiled in (`Math.floor`, `Number.isInteger`): replaced ones must not be called. */
  readonly builtins?: readonly string[]
  /** Host functions imported, in import order; module names 'host'. */
  readonly hosts: readonly string[]
  readonly slots: number
  /** Loops that may be shared among threads: export `chunk.<n>` runs parts of loop n (compiler/target/regions.ts). */
  readonly regions?: readonly RegionPlan[]
  readonly exits: readonly { readonly reason: string; readonly span?: Span; readonly speculation?: string }[]
}

export interface RegionPlan {
  /** counter per round */
  readonly step: number
  /** parts give a value, and how they are cut: each round by itself, or as the host likes */
  readonly gathers?: 'rounds' | 'parts'
}

export interface PassTiming {
  readonly pass: string
  readonly ms: number
  readonly changed: boolean
  readonly text?: string
}

export interface CompiledKernel {
  readonly ok: true
  readonly wasm: Uint8Array
  readonly plan: CallPlan
  /** remarks for explain(): what was optimised, what not and why */
  readonly remarks: readonly Diagnostic[]
  readonly ir?: string
  readonly wat?: string
  readonly passes: readonly PassTiming[]
  readonly compileMs: number
  /** nothing was compiled: it was known from an earlier process */
  readonly fromCache?: true
}

export interface CompileMiss {
  readonly ok: false
  readonly diagnostics: readonly Diagnostic[]
}

export type CompileAnswer = CompiledKernel | CompileMiss

/**
 * Memory contract of compiled code. Imports: `env.memory` (shared) and `env.context` (i32 global): the address of the
 * instance's context block, 64-byte aligned. The exported function is `run`; context block, byte offsets:
 */
export const CONTEXT = {
  /** i32: 0, or 1 + site of the exit that was taken (the code then traps with `unreachable`) */
  status: 0,
  /** i32: next free address of the call's arena, set by the host before each call that uses it */
  arenaTop: 4,
  /** i32: end of the arena */
  arenaEnd: 8,
  /**
   * i32: a negative value asks running loops to stop (they exit with status -1). What is positive names the run, so that
   * whoever wants to stop it can do so by compare and exchange, and never stops the next one.
   */
  cancel: 12,
  /** result slots, 8 bytes each */
  slots: 64,
  /** what the parts of a parallel loop share: i32 address of their results, then from frameValues on the values */
  frame: 64 + 8 * 64,
  frameValues: 64 + 8 * 64 + 16,
  bytes: 64 + 8 * 64 + 16 * 64,
} as const

/**
 * Addresses of arrays, lists, arenas and context blocks begin here; below it is the static data of the kernels. (The
 * emitter folds constant index parts into the offsets of loads, which is exact only for arrays that do not start lower.)
 */
export const ARRAYS_FROM = 65536

/** status of a call whose arena was too small: the host may grow it and call again */
export const STATUS_ARENA = -2
export const STATUS_CANCELLED = -1
/** List header: data address, length, capacity (i32 each), padded to 16 bytes. */
export const LIST_HEADER = { data: 0, length: 4, capacity: 8, bytes: 16 } as const

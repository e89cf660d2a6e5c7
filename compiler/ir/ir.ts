import type { Span } from '../../base/diagnostic.ts'
import type { OpName } from './ops.ts'
import type { ArrayType, Elem, ListType, Type } from './types.ts'
import type { VectorOpName } from './vector-ops.ts'
import type { Lanes, VectorType } from './vector-types.ts'

/**
 * The IR: structured control flow over typed mutable locals, expressions without effects, statements with them.
 * (The split is Halide's, src/IR.h; the structure is Wasm's.) Nodes are readonly; passes build new ones.
 *
 * The law of floats. No pass may change a bit of any f64 or f32 that leaves a function, except the bits of a NaN.
 * `x + 0`, `x * 1`, `x - x`, `0 * x`, `x / c → x * (1/c)` and reassociation are not identities here; `x - 0`, `x * 1`
 * and `-(-x)` are. Integer operators wrap; i32.div_* and rem_* require a divisor that is not zero (and div_s not
 * INT_MIN / -1): the lowering guards them, and a pass that moves one above its guard is wrong.
 *
 * The law of memory. A `load` or `store` is in bounds: whoever builds it has guarded it by `(i32.lt_u index (len a))`.
 * A pass may drop a guard that it proves true; it may not move the access above the guard. Two arrays may refer to
 * the same bytes only when their entry parameters carry the same alias `group`, or one is a `subarray` of the other,
 * or one was set from the other.
 *
 * The law of exits. `exit` abandons the call: the caller restores what was written and reruns the original JavaScript.
 * An exit is therefore always correct, at any place; moving an exit earlier is allowed when the call would reach it
 * anyway or when the cost of a rerun is accepted (speculation). `exit` never returns.
 *
 * Evaluation order inside one expression is free, since expressions have no effects; `cond` evaluates only the arm
 * that it chooses (so an arm may hold a load guarded by the test), `select` evaluates both.
 */
export type LocalId = number

export interface Local {
  readonly name: string
  readonly type: Type
}

export type Expr =
  | ConstExpr
  | GetExpr
  | OpExpr
  | CondExpr
  | LenExpr
  | LoadExpr
  | HostExpr
  | ArrayExpr
  | ListExpr
  | VectorExpr

/** i64 and box constants are bigint (box: the bits); the others are numbers (i32 signed). */
export interface ConstExpr {
  readonly kind: 'const'
  readonly type: 'i32' | 'i64' | 'f32' | 'f64' | 'box'
  readonly value: number | bigint
}
export interface GetExpr {
  readonly kind: 'get'
  readonly type: Type
  readonly local: LocalId
}
/** A pure operator of the table in ops.ts. */
export interface OpExpr {
  readonly kind: 'op'
  readonly type: Type
  readonly op: OpName
  readonly args: readonly Expr[]
}
/** Lazy conditional: `test` is an i32, `then` and `else` have the type of the whole. */
export interface CondExpr {
  readonly kind: 'cond'
  readonly type: Type
  readonly test: Expr
  readonly then: Expr
  readonly else: Expr
}
/** Number of elements, an i32 in [0, 2^31). */
export interface LenExpr {
  readonly kind: 'len'
  readonly type: 'i32'
  readonly array: LocalId
}
/** Element `index` (i32) of an array local. Type: elemScalar. */
export interface LoadExpr {
  readonly kind: 'load'
  readonly type: 'i32' | 'f32' | 'f64'
  readonly elem: Elem
  readonly array: LocalId
  readonly index: Expr
}
/** A function of the host that is pure: same arguments, same bits. `Math.random` is a statement (`hostcall`). */
export interface HostExpr {
  readonly kind: 'host'
  readonly type: 'f64'
  readonly name: string
  readonly args: readonly Expr[]
}
/** Array-typed values. `subarray`: begin and end are i32, already clamped to [0, len], begin <= end. */
export type ArrayExpr =
  | {
      readonly kind: 'subarray'
      readonly type: ArrayType
      readonly array: LocalId
      readonly begin: Expr
      readonly end: Expr
    }
  /** The elements of a list of f64 as an array; valid until the list grows. */
  | { readonly kind: 'listview'; readonly type: 'arr.f64'; readonly list: LocalId }
/** Reads of a list. `listget` is in bounds (guarded like a load). */
export type ListExpr =
  | { readonly kind: 'listlen'; readonly type: 'i32'; readonly list: LocalId }
  | { readonly kind: 'listget'; readonly type: Type; readonly list: LocalId; readonly index: Expr }
  /** 1 where the array or list in this local was never set: `newlist` leaves elements that are arrays or lists so. */
  | { readonly kind: 'isnull'; readonly type: 'i32'; readonly local: LocalId }

/**
 * Vectors, made by the pass `vectorize`. Lanes are numbered from the lowest address. `vload` reads `count` consecutive
 * elements into the lowest lanes of its type, widened by the sign of the element kind (the other lanes are 0); all of
 * them are in bounds. `kernel` calls a pure function of kernels/ (`f64x2_sin`, `f64_sin`): only in `math: 'fast'`.
 */
export type VectorExpr =
  | { readonly kind: 'vconst'; readonly type: VectorType; readonly lanes: Lanes }
  | {
      readonly kind: 'vop'
      readonly type: VectorType | 'i32'
      readonly op: VectorOpName
      readonly args: readonly Expr[]
    }
  | {
      readonly kind: 'vload'
      readonly type: VectorType
      readonly elem: Elem
      readonly array: LocalId
      readonly index: Expr
      readonly count: number
    }
  /**
   * extract: lane `lanes[0]` of args[0] as its scalar (narrow lanes sign-extended). replace: args[0] with lane `lanes[0]` set
   * to the scalar args[1]. shuffle: lane i is lane lanes[i] of args[0] followed by args[1]. cast: the bits of args[0] as `type`.
   */
  | {
      readonly kind: 'vmove'
      readonly type: VectorType | 'i32' | 'i64' | 'f32' | 'f64'
      readonly move: 'extract' | 'replace' | 'shuffle' | 'cast'
      readonly lanes: readonly number[]
      readonly args: readonly Expr[]
    }
  | {
      readonly kind: 'kernel'
      readonly type: VectorType | 'f64' | 'f32'
      readonly name: string
      readonly args: readonly Expr[]
    }

export type Stmt =
  | { readonly kind: 'set'; readonly local: LocalId; readonly value: Expr; readonly span?: Span }
  /** value: elemScalar(elem); narrow integers store their low bits; u8c stores a value already clamped to 0..255. */
  | {
      readonly kind: 'store'
      readonly elem: Elem
      readonly array: LocalId
      readonly index: Expr
      readonly value: Expr
      readonly span?: Span
    }
  /** Stores the lowest `count` lanes as consecutive elements (narrow integers: their low bits); all are in bounds. */
  | {
      readonly kind: 'vstore'
      readonly elem: Elem
      readonly array: LocalId
      readonly index: Expr
      readonly count: number
      readonly value: Expr
      readonly span?: Span
    }
  | {
      readonly kind: 'if'
      readonly test: Expr
      readonly then: readonly Stmt[]
      readonly else: readonly Stmt[]
      readonly span?: Span
    }
  /** `break label` leaves it. */
  | { readonly kind: 'block'; readonly label: string; readonly body: readonly Stmt[] }
  /** Repeats for ever: falling off the end begins the next round; `continue label` too; `break label` leaves. */
  | { readonly kind: 'loop'; readonly label: string; readonly body: readonly Stmt[]; readonly span?: Span }
  /**
   * Counted loop, made by the pass `counted`: local (i32) = from; while (local < to) { body; local += step }.
   * `from` and `to` (i32) are evaluated once, step > 0 is a constant, the body does not set `local`, and
   * to + step - 1 does not overflow. `continue label` goes to the increment, `break label` leaves.
   * After the loop the local holds its first value that is not below `to`.
   */
  | {
      readonly kind: 'for'
      readonly label: string
      readonly local: LocalId
      readonly from: Expr
      readonly to: Expr
      readonly step: number
      readonly body: readonly Stmt[]
      readonly span?: Span
    }
  | { readonly kind: 'break'; readonly label: string }
  | { readonly kind: 'continue'; readonly label: string }
  /** Result of a function with a scalar, array or list result type; none for void. */
  | { readonly kind: 'return'; readonly value?: Expr }
  /** Leave the call and rerun it in JavaScript. `site` indexes module.exits. */
  | { readonly kind: 'exit'; readonly site: number }
  /** A function of this module. Exits inside it leave the whole call. */
  | {
      readonly kind: 'call'
      readonly func: string
      readonly args: readonly Expr[]
      readonly result?: LocalId
      readonly span?: Span
    }
  /**
   * A function of the kernel library (primitives.ts), which reads and writes the arrays that its row says, up to the count
   * that it is given: no more than they have. Arguments that are arrays are `get`s; the address of element 0 is passed.
   */
  | {
      readonly kind: 'primitive'
      readonly name: string
      readonly args: readonly Expr[]
      readonly result?: LocalId
      readonly span?: Span
    }
  /** A function of the host that is not pure (`Math.random`). */
  | { readonly kind: 'hostcall'; readonly name: string; readonly args: readonly Expr[]; readonly result?: LocalId }
  /** A new zero-filled array of `length` (i32, >= 0) elements in the call's arena; out of memory is an exit. */
  | { readonly kind: 'newarray'; readonly local: LocalId; readonly elem: Elem; readonly length: Expr }
  /** A new list with `length` elements (f64: 0, box: undefined; handles: length must be 0) and room for `capacity`. */
  | { readonly kind: 'newlist'; readonly local: LocalId; readonly length: Expr; readonly capacity: Expr }
  /** In bounds (guarded like a store). */
  | { readonly kind: 'listset'; readonly list: LocalId; readonly index: Expr; readonly value: Expr }
  | { readonly kind: 'listpush'; readonly list: LocalId; readonly value: Expr }
  /** Shorten to `length` (0 <= length <= current). */
  | { readonly kind: 'listtruncate'; readonly list: LocalId; readonly length: Expr }
  /** bulk operations; ranges are in bounds and clamped by whoever builds them */
  | { readonly kind: 'fill'; readonly array: LocalId; readonly begin: Expr; readonly end: Expr; readonly value: Expr }
  /** memmove of `count` elements between arrays of one element type. */
  | {
      readonly kind: 'copy'
      readonly target: LocalId
      readonly targetIndex: Expr
      readonly source: LocalId
      readonly sourceIndex: Expr
      readonly count: Expr
    }
  /** Writes one 8-byte slot of the call's result area (f64, i32, i64/box bits; arrays: pointer, length; lists: handle). */
  | { readonly kind: 'result'; readonly slot: number; readonly value: Expr }

export interface Param extends Local {
  /** Entry arrays and lists of one group may alias; of different groups they never do. */
  readonly group?: number
}

export interface Func {
  readonly name: string
  readonly params: readonly Param[]
  /** Locals, parameters first: `locals[i]` for i < params.length is the parameter. */
  readonly locals: readonly Local[]
  readonly result: Type | 'void'
  readonly body: readonly Stmt[]
}

/** Why an exit was taken, told by `explain()`; `reason` is a sentence, `speculation` names the assumption that failed. */
export interface ExitSite {
  readonly reason: string
  readonly span?: Span
  readonly speculation?: string
}

export interface Module {
  readonly funcs: readonly Func[]
  /** Name of the function that the host calls. */
  readonly entry: string
  readonly exits: readonly ExitSite[]
  /** Number of result slots that the entry writes (see `result`). */
  readonly slots: number
  /** Functions whose calls may be shared among threads, made by the pass `parallelize`. */
  readonly regions?: readonly Region[]
}

/**
 * A function (lo, hi, values …) that runs the rounds of a loop from lo to hi. The entry may run it for parts of the range
 * on several threads at once, in any order. One that gathers takes what is gathered so far as its last parameter and
 * gives it with its rounds: parts begin with the neutral value, and are gathered in order.
 */
export interface Region {
  readonly func: string
  readonly step: number
  readonly gathers?: {
    /** function of two values that gathers one into the other */
    readonly func: string
    readonly neutral: number
    /** each round is a part of its own */
    readonly isOrdered: boolean
  }
}

export type ListLocalType = ListType

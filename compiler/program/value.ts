import type { DiagnosticCode } from '../../base/diagnostic.ts'
import type { Access } from '../abi.ts'
import type { Expr } from '../ir/ir.ts'
import type { Elem, ListType } from '../ir/types.ts'
import type { FunctionNode } from '../source/ast.ts'
import type { Binding } from '../source/scope.ts'
import type { Activation } from './activation.ts'
import type { FunctionBuilder } from './function-builder.ts'

/**
 * What the lowering knows of a JavaScript value at one point of the program: its kind, and the IR that computes it.
 * Expressions inside a value refer only to the storage of its own binding, to temporaries that are set once, and to
 * constants, so that a value stays valid until its binding is assigned.
 */
export type Value =
  | NumberValue
  | BooleanValue
  | { readonly k: 'undefined' }
  | { readonly k: 'null' }
  | { readonly k: 'string'; readonly value: string }
  | BoxValue
  | ReadValue
  | ArrayValue
  | ListValue
  | RecordValue
  | ObjectValue
  | { readonly k: 'closure'; readonly node: FunctionNode; readonly activation: Activation }
  | { readonly k: 'function'; readonly index: number; readonly members?: Members }
  | { readonly k: 'builtin'; readonly name: string; readonly members?: Members }
  /** `iris.range(n)` and friends: half-open, counted by `step` */
  | { readonly k: 'range'; readonly from: NumberValue; readonly to: NumberValue; readonly step: NumberValue }
  /** two values of different kinds met; a diagnostic only when somebody uses it */
  | { readonly k: 'conflict'; readonly kinds: readonly string[] }
  /** `of`: the object whose property it is */
  | {
      readonly k: 'opaque'
      readonly what: string
      readonly name: string
      readonly code?: DiagnosticCode
      readonly of?: string
    }

/** Properties that hang on a function or have been added to a built-in, by name, as the function that is built sees them. */
export type Members = (name: string, user: FunctionBuilder) => Value | undefined

/** expr: f64 */
export interface NumberValue {
  readonly k: 'number'
  readonly expr: Expr
}
/** expr: i32, 0 or 1 */
export interface BooleanValue {
  readonly k: 'boolean'
  readonly expr: Expr
}
/** A primitive whose kind is known only at run time; mask: the kinds that are possible. */
export interface BoxValue {
  readonly k: 'box'
  readonly expr: Expr
  readonly mask: number
}
/**
 * An element read: `number` where `inBounds`, else undefined. Kept apart until its consumer is known: arithmetic wants
 * NaN, ToInt32 wants 0, a test for undefined wants `inBounds` itself. `integer` is the element as i32 where it is one.
 */
export interface ReadValue {
  readonly k: 'read'
  readonly inBounds: Expr
  readonly number: Expr
  readonly integer?: Expr
}
export interface ArrayValue {
  readonly k: 'array'
  readonly local: number
  readonly elem: Elem
  readonly origin: Origin
}
export interface ListValue {
  readonly k: 'list'
  readonly local: number
  readonly type: ListType
  readonly origin: Origin
  /** kinds that an element of a list of boxes may have */
  readonly mask: number
  /** The elements are objects: each is a list of the values of these fields. */
  readonly records?: readonly string[]
}
/** An object that is an element of an argument: a list of f64 with the values of its fields, which are only read. */
export interface RecordValue {
  readonly k: 'record'
  readonly local: number
  readonly fields: readonly string[]
}
/** A value that is a reference in a local. */
export type ReferenceValue = ArrayValue | ListValue | RecordValue
export const isReference = (value: Value): value is ReferenceValue =>
  value.k === 'array' || value.k === 'list' || value.k === 'record'
/** Where an array came from: decides how it can be returned. */
export type Origin =
  | { readonly from: 'input'; readonly access: Access }
  | { readonly from: 'fresh'; readonly site: object }
  /** one of several inputs, new arrays or rows of arrays: the host tells which by its address */
  | { readonly from: 'some' }
  /** part of another array */
  | { readonly from: 'view' }

/** An object whose fields live in locals: a literal that does not escape, `this`, an object argument or capture. */
export interface ObjectInfo {
  readonly id: number
  readonly fields: Map<string, FieldBinding>
  /** an array literal of fixed length: fields are '0', '1', … */
  readonly tuple?: number
  /** the literal that made it */
  readonly site?: object
  /** of an object that a literal makes: a pseudo-variable that is there since then */
  readonly born?: FieldBinding
  /** for objects that exist before the call */
  readonly live?: LiveObject
}
export interface LiveObject {
  readonly access: Access
  readonly field: (name: string) => Value
  readonly markWritten: (name: string) => void
  /** whether there is such a property, guarded to stay so; undefined where that is not known */
  readonly has: (name: string) => boolean | undefined
}
export interface ObjectValue {
  readonly k: 'object'
  readonly object: ObjectInfo
}
/** A pseudo-binding: the field of one object, kept in the environment like a variable. */
export interface FieldBinding {
  readonly name: string
  /** value before the call, for fields of live objects */
  readonly initial?: Value
  /** of a field that the literal does not have: the pseudo-variable that is there since the object is */
  readonly born?: FieldBinding
}
/** Anything the environment maps to a value. */
export type Slot = Binding | FieldBinding

export const NUMBER = 1
export const BOOLEAN = 2
export const UNDEFINED = 4
export const NULL = 8

/** The mask of a primitive value, or 0 where the value is none. */
export function maskOf(value: Value): number {
  switch (value.k) {
    case 'number':
      return NUMBER
    case 'boolean':
      return BOOLEAN
    case 'undefined':
      return UNDEFINED
    case 'null':
      return NULL
    case 'box':
      return value.mask
    case 'read':
      return NUMBER | UNDEFINED
    default:
      return 0
  }
}

export function describeMask(mask: number): string {
  const names = [
    mask & NUMBER && 'number',
    mask & BOOLEAN && 'boolean',
    mask & UNDEFINED && 'undefined',
    mask & NULL && 'null',
  ]
  return names.filter(Boolean).join(' or ')
}

/** For messages: "a number", "a Float64Array", … */
export function describe(value: Value): string {
  switch (value.k) {
    case 'box':
    case 'read':
      return describeMask(maskOf(value))
    case 'array':
      return `typed array (${value.elem})`
    case 'list':
      return 'array'
    case 'record':
      return 'object'
    case 'closure':
    case 'function':
      return 'function'
    case 'builtin':
      return `built-in ${value.name}`
    case 'conflict':
      return value.kinds.join(' or ')
    case 'opaque':
      return value.what
    default:
      return value.k
  }
}

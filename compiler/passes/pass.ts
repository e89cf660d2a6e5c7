import type { Diagnostic, Span } from '../../base/diagnostic.ts'
import type { Func, Module } from '../ir/ir.ts'

/** What a pass may tell the outside: remarks for `explain()`, a plain sentence or a row of the table of codes. */
export interface PassContext {
  remark(what: Diagnostic | string, span?: Span): void
  /** Run the verifier after each pass (on in tests). */
  readonly verify?: boolean
}

/**
 * A pass is a pure function. One that changes nothing returns the module object that it was given, so that the
 * pipeline can tell "(unchanged)" by identity.
 */
export interface Pass {
  readonly name: string
  run(module: Module, context: PassContext): Module
}

/** A context that drops remarks. */
export const silent: PassContext = { remark: () => undefined }

/** Applies `change` to each function; the same module when no function changed. */
export function mapFuncs(module: Module, change: (func: Func) => Func): Module {
  const funcs = module.funcs.map(change)
  return funcs.some((func, index) => func !== module.funcs[index]) ? { ...module, funcs } : module
}

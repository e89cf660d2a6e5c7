import { InvariantError } from '../../base/invariant.ts'
import { neverEnds } from './control.ts'
import type { Func, Module } from './ir.ts'

import { ELEMS, isArray, isList, isScalar, isVector, type Type } from './types.ts'
import { checkBody } from './verify-stmt.ts'

/**
 * The verifier: what must hold of a module at each stage, whatever pass made it. It runs between passes in tests.
 * Laws that need values (bounds, divisors) are checked by the interpreter.
 */
export interface StageSpec {
  /** Counted loops exist only after the pass that forms them. */
  readonly counted: boolean
}
export const STAGES = {
  lowered: { counted: false },
  optimised: { counted: true },
} as const satisfies Record<string, StageSpec>
export type Stage = keyof typeof STAGES

export interface Violation {
  readonly func: string
  /** Where in the function: `body[3].then[0].value`. */
  readonly path: string
  readonly message: string
}

/** What the checks of one function share. */
export interface Verifier {
  readonly module: Module
  readonly func: Func
  readonly funcs: ReadonlyMap<string, Func>
  readonly spec: StageSpec
  report(path: string, message: string): void
}

export function verify(module: Module, stage: Stage): readonly Violation[] {
  const violations: Violation[] = []
  const funcs = new Map(module.funcs.map(func => [func.name, func]))
  const spec = STAGES[stage]
  checkModule(module, funcs, (func, message) => violations.push({ func, path: '', message }))
  for (const func of module.funcs) {
    const report = (path: string, message: string): void => {
      violations.push({ func: func.name, path, message })
    }
    checkFunc({ module, func, funcs, spec, report })
  }
  return violations
}

/** Throws an InvariantError that names the first violations; `after` is the pass that made the module. */
export function verifyOrThrow(module: Module, stage: Stage, after = stage as string): void {
  const violations = verify(module, stage)
  if (violations.length === 0) return
  const lines = violations.slice(0, 5).map(({ func, path, message }) => `  ${func} ${path}: ${message}`)
  throw new InvariantError(`${violations.length} violations after ${after}\n${lines.join('\n')}`)
}

const ENTRY_PARAM: readonly Type[] = ['f64', 'f32', 'i32']
const ENTRY_RESULT: readonly Func['result'][] = ['f64', 'f32', 'i32', 'void']

function checkModule(
  module: Module,
  funcs: ReadonlyMap<string, Func>,
  report: (func: string, message: string) => void,
): void {
  if (funcs.size !== module.funcs.length) report('module', 'two functions have one name')
  if (!Number.isInteger(module.slots) || module.slots < 0) report('module', `slots is ${module.slots}`)
  const entry = funcs.get(module.entry)
  if (!entry) {
    report('module', `the entry ${module.entry} does not exist`)
    return
  }
  if (!ENTRY_RESULT.includes(entry.result)) report(entry.name, `an entry cannot return ${entry.result}`)
  for (const { name, type } of entry.params) {
    const passed = ENTRY_PARAM.includes(type) || isArray(type) || isList(type)
    if (!passed) report(entry.name, `an entry cannot take %${name}: ${type}`)
  }
}

function checkFunc(verifier: Verifier): void {
  const { func, report } = verifier
  for (const [index, param] of func.params.entries()) {
    const local = func.locals[index]
    if (local?.name !== param.name || local.type !== param.type)
      report(`params[${index}]`, `local ${index} is not %${param.name}`)
  }
  for (const [index, local] of func.locals.entries()) {
    if (!isType(local.type)) report(`locals[${index}]`, `%${local.name} has the unknown type ${local.type}`)
  }
  checkBody(verifier, func.body, 'body', { labels: new Map(), fixed: new Set() })
  const falls = func.result !== 'void' && !neverEnds(func.body)
  if (falls) report('body', `the function ends without its result of type ${func.result}`)
}

function isType(type: Type): boolean {
  if (isVector(type as Type)) return true
  if (isScalar(type)) return ['i32', 'i64', 'f32', 'f64', 'box'].includes(type)
  if (isArray(type)) return (ELEMS as readonly string[]).includes(type.slice(4))
  const element = isList(type) ? (type.slice(5) as Type) : undefined
  return element !== undefined && (element === 'f64' || element === 'box' || (!isScalar(element) && isType(element)))
}

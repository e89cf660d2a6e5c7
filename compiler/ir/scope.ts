import type { Func, Local, LocalId, Stmt } from './ir.ts'
import { visitStmts } from './rewrite.ts'
import type { Type } from './types.ts'

/** Gives new locals and labels of a function that is being rewritten. */
export interface Scope {
  readonly locals: readonly Local[]
  /** A new local; its name is made unique with a number. */
  local(name: string, type: Type): LocalId
  /** A label that no statement of the function uses. */
  label(name: string): string
  /** The function with this body and the locals made so far. */
  finish(body: readonly Stmt[]): Func
}

export function openScope(func: Func): Scope {
  const locals = func.locals.slice()
  const localName = uniqueNames(locals.map(local => local.name))
  const labelName = uniqueNames(labelsOf(func.body))
  return {
    locals,
    local: (name, type) => locals.push({ name: localName(name), type }) - 1,
    label: labelName,
    finish: body => ({ ...func, locals, body }),
  }
}

function labelsOf(body: readonly Stmt[]): Set<string> {
  const labels = new Set<string>()
  visitStmts(body, stmt => {
    if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for') labels.add(stmt.label)
  })
  return labels
}

/** `x` when free, else `x.1`, `x.2`, … (a dot cannot occur in a JavaScript name). */
export function uniqueNames(taken: Iterable<string>): (name: string) => string {
  const used = new Set(taken)
  const next = new Map<string, number>()
  return name => {
    const base = name.replace(/\.\d+$/, '')
    let result = base
    for (let count = next.get(base) ?? 1; used.has(result); count++) {
      result = `${base}.${count}`
      next.set(base, count + 1)
    }
    used.add(result)
    return result
  }
}

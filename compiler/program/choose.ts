import type { Expr, Stmt } from '../ir/ir.ts'
import type { Expression, Node } from '../source/ast.ts'
import { boolean, condition, number, settle, toBoolean } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { PAD } from './function-builder.ts'
import { orExit } from './recover.ts'
import type { FieldBinding, Value } from './value.ts'

/** Lowers a test and gives it as an i32; `refineIn` narrows variables in the arms. */
export function test(c: Cursor, node: Expression): Expr {
  return toBoolean(c, expression(c, node), node)
}

/** One of two values, decided at run time: through a pseudo-variable, or as an expression where both arms are pure. */
export function choose(c: Cursor, condition_: Expr, then: () => Value, otherwise: () => Value, node: Node): Value {
  if (!c.env) return { k: 'undefined' }
  if (condition_.kind === 'const') return condition_.value ? then() : otherwise()
  const result: FieldBinding = { name: 'choice' }
  const kept = c.temp(condition_, 'test')
  const values: (Value | undefined)[] = []
  const arm = (lower: () => Value) => (): void => {
    const value = orExit(c, node, lower) ?? ({ k: 'undefined' } as const)
    values.push(c.env ? value : undefined)
    if (c.env) c.put(result, settle(c, value, node))
  }
  const before = c.out.length
  c.branch(kept, arm(then), arm(otherwise))
  const chosen = c.get(result)
  c.env?.delete(result)
  return pureChoice(c, kept, values, chosen, before) ?? chosen ?? { k: 'undefined' }
}

/** Both arms emitted nothing but the copy of a number: a conditional expression says the same. */
function pureChoice(
  c: Cursor,
  test_: Expr,
  values: readonly (Value | undefined)[],
  chosen: Value | undefined,
  before: number,
): Value | undefined {
  const [a, b] = values
  const stmt = c.out[before]
  if (!a || !b || c.out.length !== before + 1 || stmt?.kind !== 'if' || !c.env) return undefined
  if (!copiesOnly(stmt.then, chosen) || !copiesOnly(stmt.else, chosen)) return undefined
  if (a.k === 'number' && b.k === 'number') {
    c.out.pop()
    return number(condition(test_, a.expr, b.expr))
  }
  if (a.k === 'boolean' && b.k === 'boolean') {
    c.out.pop()
    return boolean(condition(test_, a.expr, b.expr))
  }
  return undefined
}

/** Nothing but the pad that copies the chosen value: variables that an arm gave a constant are set in pads, too. */
function copiesOnly(body: readonly Stmt[], chosen: Value | undefined): boolean {
  const copy = (chosen?.k === 'number' || chosen?.k === 'boolean') && chosen.expr.kind === 'get' && chosen.expr.local
  return body.every(
    pad =>
      pad.kind === 'block' && pad.label === PAD && pad.body.every(stmt => stmt.kind === 'set' && stmt.local === copy),
  )
}

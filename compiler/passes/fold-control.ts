import { set } from '../ir/build.ts'
import { mentions, neverEnds, terminates } from '../ir/control.ts'
import type { Expr, Stmt } from '../ir/ir.ts'

import { asTest, negate } from './fold-rules.ts'

/** Simplification of control flow: each function gives the statements that stand in the place of one. */

type Body = readonly Stmt[]
type IfStmt = Extract<Stmt, { kind: 'if' }>

/** Code after a jump is never reached. */
export function untilJump(body: Body): Body {
  const end = body.findIndex(terminates)
  return end < 0 || end === body.length - 1 ? body : body.slice(0, end + 1)
}

/** Normal forms: no empty `then`, no `else` after a jump, a jump stands first. */
export function simplifyIf(stmt: IfStmt): Stmt | Body {
  const test = asTest(stmt.test)
  if (test.kind === 'const') return test.value !== 0 ? stmt.then : stmt.else
  if (stmt.then.length === 0) return stmt.else.length === 0 ? [] : rebuild(stmt, negate(test), stmt.else, [])
  if (stmt.else.length === 0) return test === stmt.test ? stmt : rebuild(stmt, test, stmt.then, [])
  if (neverEnds(stmt.then)) return [rebuild(stmt, test, stmt.then, []), ...stmt.else]
  if (neverEnds(stmt.else)) return [rebuild(stmt, negate(test), stmt.else, []), ...stmt.then]
  const positive = negate(test)
  if (isNegation(test)) return rebuild(stmt, positive, stmt.else, stmt.then)
  return test === stmt.test ? stmt : rebuild(stmt, test, stmt.then, stmt.else)
}

const isNegation = (test: Expr): boolean => test.kind === 'op' && test.op === 'i32.eqz'

function rebuild(stmt: IfStmt, test: Expr, then: Body, otherwise: Body): Stmt {
  return { ...stmt, test: asTest(test), then, else: otherwise }
}

/** A block that nothing leaves is its body. */
export function simplifyBlock(stmt: Extract<Stmt, { kind: 'block' }>): Stmt | Body {
  const body = withoutTailJumps(stmt.body, 'break', stmt.label)
  if (!mentions(body, 'break', stmt.label)) return body
  return body === stmt.body ? stmt : { ...stmt, body }
}

/** A loop that always leaves at the end of its first round is a block. */
export function simplifyLoop(stmt: Extract<Stmt, { kind: 'loop' }>): Stmt | Body {
  const body = withoutTailJumps(stmt.body, 'continue', stmt.label)
  if (neverEnds(body) && !mentions(body, 'continue', stmt.label)) {
    return simplifyBlock({ kind: 'block', label: stmt.label, body })
  }
  return body === stmt.body ? stmt : { ...stmt, body }
}

export function simplifyFor(stmt: Extract<Stmt, { kind: 'for' }>): Stmt | Body {
  const { from, to } = stmt
  if (from.kind === 'const' && to.kind === 'const' && from.value >= to.value) return [set(stmt.local, from)]
  const body = withoutTailJumps(stmt.body, 'continue', stmt.label)
  return body === stmt.body ? stmt : { ...stmt, body }
}

/** Nesting that removing jumps may add to one body; code with more of them keeps its jumps. */
const MAX_NESTING = 24

/**
 * A jump to the end of the body that it stands at the end of does nothing. One that stands at the end of an arm is
 * removed by moving what follows the `if` into the other arm, so early returns of inlined functions and `continue`
 * become plain `if … else …`.
 */
function withoutTailJumps(body: Body, kind: 'break' | 'continue', label: string, depth = 0): Body {
  const isJump = (stmt: Stmt | undefined): boolean => stmt?.kind === kind && stmt.label === label
  if (isJump(body.at(-1))) return withoutTailJumps(body.slice(0, -1), kind, label, depth)
  if (depth > MAX_NESTING) return body
  const inner = (arm: Body): Body => withoutTailJumps(arm, kind, label, depth + 1)
  const at = body.findIndex(stmt => stmt.kind === 'if' && (isJump(stmt.then.at(-1)) || isJump(stmt.else.at(-1))))
  if (at >= 0) {
    const stmt = body[at] as IfStmt
    const rest = body.slice(at + 1)
    const continued = (arm: Body): Body => inner(isJump(arm.at(-1)) ? arm : untilJump([...arm, ...rest]))
    const then = continued(stmt.then)
    const otherwise = continued(stmt.else)
    return [...body.slice(0, at), ...asBody(simplifyIf({ ...stmt, then, else: otherwise }))]
  }
  return inLastStmt(body, inner)
}

function inLastStmt(body: Body, inner: (body: Body) => Body): Body {
  const last = body.at(-1)
  const replace = (stmt: Stmt | Body): Body => [...body.slice(0, -1), ...asBody(stmt)]
  if (last?.kind === 'if') {
    const then = inner(last.then)
    const otherwise = inner(last.else)
    if (then === last.then && otherwise === last.else) return body
    return replace(simplifyIf({ ...last, then, else: otherwise }))
  }
  if (last?.kind === 'block') {
    const changed = inner(last.body)
    return changed === last.body ? body : replace(simplifyBlock({ ...last, body: changed }))
  }
  return body
}

const asBody = (stmts: Stmt | Body): Body => (Array.isArray(stmts) ? (stmts as Body) : [stmts as Stmt])

import { sizeOf } from '../ir/control.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'

import { simplifyIf, untilJump } from './fold-control.ts'
import { operands } from './fold-match.ts'

/**
 * Jump threading: where an `if` sets a local in both arms and the next `if` tests that local, an arm that sets it to a
 * known answer goes on at once. `a && b` as the test of a loop, lowered with a local for its value, becomes one jump for
 * each operand.
 */
type Body = readonly Stmt[]
type IfStmt = Extract<Stmt, { kind: 'if' }>

/** Nodes of the second statement that may be repeated. */
const MAX_COPY = 12

export function threadTests(body: Body): Body {
  let result = body
  for (let at = body.length - 2; at >= 0; at--) {
    const threaded = thread(result[at] as Stmt, result[at + 1] as Stmt)
    if (threaded) result = untilJump([...result.slice(0, at), ...threaded, ...result.slice(at + 2)])
  }
  return result
}

function thread(first: Stmt, second: Stmt): Body | undefined {
  if (first.kind !== 'if' || second.kind !== 'if') return undefined
  const tested = testedLocal(second.test)
  if (!tested) return undefined
  const then = continued(first.then, answerAfter(first, first.then, true, tested.local), second, tested.negated)
  const otherwise = continued(first.else, answerAfter(first, first.else, false, tested.local), second, tested.negated)
  if (!then || !otherwise || (!then.known && !otherwise.known)) return undefined
  const threaded = simplifyIf({ ...first, then: then.body, else: otherwise.body } as IfStmt)
  return Array.isArray(threaded) ? (threaded as Body) : [threaded as Stmt]
}

function testedLocal(test: Expr): { local: LocalId; negated: boolean } | undefined {
  const inner = operands(test, 'i32.eqz')?.[0]
  const read = inner ?? test
  return read.kind === 'get' ? { local: read.local, negated: inner !== undefined } : undefined
}

/** `known`: the arm sets the local last, to a constant or to the test of its own `if`; undefined: it does not set it last. */
function answerAfter(first: IfStmt, arm: Body, truth: boolean, local: LocalId): { known?: boolean } | undefined {
  const last = arm.at(-1)
  if (last?.kind !== 'set' || last.local !== local) return undefined
  if (last.value.kind === 'const') return { known: last.value.value !== 0 }
  const copiesTest = last.value.kind === 'get' && first.test.kind === 'get' && last.value.local === first.test.local
  return copiesTest && arm.length === 1 ? { known: truth } : {}
}

function continued(
  arm: Body,
  answer: { known?: boolean } | undefined,
  second: IfStmt,
  negated: boolean,
): { body: Body; known: boolean } | undefined {
  if (!answer) return undefined
  if (answer.known === undefined) return { body: [...arm, second], known: false }
  const chosen = answer.known !== negated ? second.then : second.else
  return sizeOf(chosen) > MAX_COPY ? undefined : { body: [...arm, ...chosen], known: true }
}

import { op } from '../ir/build.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { flatMapBody, substitute } from '../ir/rewrite.ts'
import { countReads } from './flow.ts'

/**
 * What a round does to a carried local, as one assignment: `m = c ? x : m` is lowered as arms that set a temporary, and
 * inlined callbacks (`reduce`) leave copies. Temporaries that are read once, right after they are set, are put where they
 * are read.
 */
export function joinCopies(
  body: readonly Stmt[],
  carried: ReadonlySet<LocalId>,
  liveOutside: ReadonlySet<LocalId>,
): readonly Stmt[] {
  const reads = countReads(body)
  const temporary = (local: LocalId): boolean => reads.get(local) === 1 && !liveOutside.has(local)
  let made = body
  for (let changed = true; changed; ) {
    const next = pairs(made, (first, second) => joined(first, second, carried, temporary))
    changed = next !== made
    made = next
  }
  return flatMapBody(made, stmt =>
    stmt.kind === 'set' && carried.has(stmt.local) ? { ...stmt, value: conjunction(stmt.value) } : stmt,
  )
}

/** Puts one statement for two neighbours where `join` gives one. */
function pairs(body: readonly Stmt[], join: (first: Stmt, second: Stmt) => Stmt | undefined): readonly Stmt[] {
  const made: Stmt[] = []
  let changed = false
  for (const stmt of body) {
    const last = made.at(-1)
    const one = last && join(last, stmt)
    if (one) made.pop()
    changed ||= one !== undefined
    made.push(one ?? stmt)
  }
  return changed ? made : body
}

function joined(
  first: Stmt,
  second: Stmt,
  carried: ReadonlySet<LocalId>,
  temporary: (local: LocalId) => boolean,
): Stmt | undefined {
  if (second.kind !== 'set' || !carried.has(second.local)) return undefined
  if (first.kind === 'if') return chosen(first, second, temporary)
  if (first.kind !== 'set' || carried.has(first.local) || !temporary(first.local)) return undefined
  let found = false
  const value = substitute(second.value, local => {
    found ||= local === first.local
    return local === first.local ? first.value : undefined
  })
  return found ? { ...second, value } : undefined
}

/** `if (t) { c = a } else { c = b }; m = c` as `m = t ? a : b`. */
function chosen(
  first: Extract<Stmt, { kind: 'if' }>,
  second: Extract<Stmt, { kind: 'set' }>,
  temporary: (local: LocalId) => boolean,
): Stmt | undefined {
  const [yes, no] = [first.then[0], first.else[0]]
  if (first.then.length !== 1 || first.else.length !== 1 || yes?.kind !== 'set' || no?.kind !== 'set') return undefined
  const { value } = second
  if (value.kind !== 'get' || yes.local !== value.local || no.local !== value.local) return undefined
  if (!temporary(value.local)) return undefined
  return {
    ...second,
    value: { kind: 'cond', type: value.type, test: first.test, then: yes.value, else: no.value },
  }
}

/** `f ? t : 0` of conditions as `f & t`. */
function conjunction(value: Expr): Expr {
  if (value.kind !== 'cond' || value.type !== 'i32' || value.test.kind !== 'get') return value
  const zero = value.else.kind === 'const' && value.else.value === 0
  return zero && isCondition(value.then) ? op('i32.and', value.test, value.then) : value
}

const isCondition = (expr: Expr): boolean => expr.kind === 'op' && /\.(eq|ne|lt|le|gt|ge)(_[su])?$/.test(expr.op)

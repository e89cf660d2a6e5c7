import type { LocalId, Stmt } from '../ir/ir.ts'
import { substitute } from '../ir/rewrite.ts'
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
  return made
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

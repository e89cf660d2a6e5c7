import { type Aliases, memoryOf } from './alias.ts'
import type { LocalId, Stmt } from './ir.ts'
import { primitiveWrites } from './primitives.ts'
import { bodies, localSet } from './rewrite.ts'

/** What a statement, with all in it, may change: locals, and the memory of alias classes. */
export interface Effects {
  readonly sets: ReadonlySet<LocalId>
  /** Classes whose elements may be written. */
  readonly writes: ReadonlySet<number>
  /** Classes whose lists may change their length or move. */
  readonly resizes: ReadonlySet<number>
}

/** Classes that one statement itself writes and resizes. A call may do anything to what it is given. */
export function memoryEffects(stmt: Stmt, aliases: Aliases): { writes: readonly number[]; resizes: readonly number[] } {
  switch (stmt.kind) {
    case 'store':
    case 'vstore':
    case 'fill':
      return { writes: [aliases.classOf(stmt.array)], resizes: [] }
    case 'copy':
      return { writes: [aliases.classOf(stmt.target)], resizes: [] }
    case 'listset':
      return { writes: [aliases.classOf(stmt.list)], resizes: [] }
    case 'listpush':
    case 'listtruncate': {
      const own = [aliases.classOf(stmt.list)]
      return { writes: own, resizes: own }
    }
    case 'primitive':
      return { writes: primitiveWrites(stmt).map(aliases.classOf), resizes: [] }
    case 'call': {
      const given = stmt.args.flatMap(memoryOf).map(aliases.classOf)
      return { writes: given, resizes: given }
    }
    default:
      return NOTHING
  }
}
const NOTHING = { writes: [], resizes: [] }

/** Effects of every loop of a body, found in one walk. */
export function loopEffects(body: readonly Stmt[], aliases: Aliases): ReadonlyMap<Stmt, Effects> {
  const found = new Map<Stmt, Effects>()
  collect(body, aliases, empty(), found)
  return found
}

interface Gathering {
  readonly sets: Set<LocalId>
  readonly writes: Set<number>
  readonly resizes: Set<number>
}
const empty = (): Gathering => ({ sets: new Set(), writes: new Set(), resizes: new Set() })

function collect(body: readonly Stmt[], aliases: Aliases, into: Gathering, found: Map<Stmt, Effects>): void {
  for (const stmt of body) {
    const isLoop = stmt.kind === 'loop' || stmt.kind === 'for'
    const own = isLoop ? empty() : into
    const local = localSet(stmt)
    if (local !== undefined) own.sets.add(local)
    const { writes, resizes } = memoryEffects(stmt, aliases)
    for (const one of writes) own.writes.add(one)
    for (const one of resizes) own.resizes.add(one)
    for (const inner of bodies(stmt)) collect(inner, aliases, own, found)
    if (isLoop) {
      found.set(stmt, own)
      merge(into, own)
    }
  }
}

function merge(into: Gathering, from: Gathering): void {
  for (const one of from.sets) into.sets.add(one)
  for (const one of from.writes) into.writes.add(one)
  for (const one of from.resizes) into.resizes.add(one)
}

import { roundsOf } from '../analysis/advance.ts'
import { get, i32, op, set, when } from '../ir/build.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { renameLocals } from '../ir/rename.ts'
import {
  children,
  flatMapBody,
  localSet,
  localsIn,
  localsSet,
  mapBodies,
  rootExprs,
  visitStmts,
} from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { exposedReads, mayKeep } from './flow.ts'
import type { ForStmt } from './split.ts'

/**
 * Loops whose state changes rarely: `if (x[i] < best) { best = x[i]; at = i }`. In a block of rounds none of whose tests
 * holds for the state before the block, no round changes anything. So each block is first searched with that state, which
 * the vectoriser can do, and only where a test holds, the block is run as it was. Ties, NaN and zeros are those of the
 * loop itself. (The k-th smallest of n random numbers so far is a new least one with probability 1/k: of n/B blocks about
 * ln(n/B) are run twice; Knuth, The Art of Computer Programming, vol. 1, 1.2.10.)
 */
interface RareLoop {
  readonly stmts: readonly Stmt[]
  readonly search: ForStmt
}

export interface RareLoops {
  readonly module: Module
  /** The searches, worth it only if they are vectorised, and the loops that they were made for, by function and label. */
  readonly searches: ReadonlyMap<string, string>
}

/** The module with all those loops that `isWanted` made searches of. */
export function rareLoops(
  module: Module,
  isWanted: (key: string) => boolean,
  readOutside: (func: Func, loop: ForStmt) => ReadonlySet<LocalId>,
): RareLoops {
  const searches = new Map<string, string>()
  const funcs = module.funcs.map(func => {
    const scope = openScope(func)
    const visit = (body: readonly Stmt[]): readonly Stmt[] =>
      flatMapBody(body, stmt => {
        const made =
          stmt.kind === 'for' && isWanted(`${func.name} ${stmt.label}`)
            ? rareLoop(scope, stmt, readOutside(func, stmt))
            : undefined
        if (!made || stmt.kind !== 'for') return mapBodies(stmt, visit)
        searches.set(`${func.name} ${made.search.label}`, `${func.name} ${stmt.label}`)
        return made.stmts
      })
    const body = visit(func.body)
    return body === func.body ? func : scope.finish(body)
  })
  return { module: { ...module, funcs }, searches }
}

/** Rounds of a block: a search of it costs far more than its beginning and end, and one that is run again is soon over. */
const BLOCK = 128

type If = Extract<Stmt, { kind: 'if' }>

function rareLoop(scope: Scope, loop: ForStmt, liveOutside: ReadonlySet<LocalId>): RareLoop | undefined {
  const state = stateOf(loop, liveOutside)
  if (!state || isShort(loop) || !isSearchable(loop.body, state)) return undefined
  const found = scope.local('found', 'i32')
  const counter = scope.local('at', 'i32')
  const own = new Map([...localsSet(loop.body)].map(local => [local, ownLocal(scope, local)] as const))
  own.set(loop.local, counter)
  // the search has locals of its own, but for the state, which it reads
  const body = renameLocals(searchOf(loop.body, state, set(found, i32(1))), local =>
    state.has(local) ? local : (own.get(local) ?? local),
  )
  const [index, first, end] = ['block', 'first', 'end'].map(name => scope.local(name, 'i32')) as [
    number,
    number,
    number,
  ]
  const size = BLOCK * loop.step
  const from = held(scope, loop.from)
  const to = held(scope, loop.to)
  const search: ForStmt = {
    ...loop,
    label: scope.label('search'),
    local: counter,
    from: get(first, 'i32'),
    to: get(end, 'i32'),
    body,
  }
  const again = plainLoop(scope, loop, get(first, 'i32'), get(end, 'i32'))
  const block: Stmt = {
    kind: 'for',
    label: scope.label('blocks'),
    local: index,
    from: i32(0),
    to: roundsOf(from.value, to.value, size),
    step: 1,
    body: [
      set(first, op('i32.add', from.value, op('i32.mul', get(index, 'i32'), i32(size)))),
      set(end, endOf(get(first, 'i32'), to.value, size)),
      set(found, i32(0)),
      search,
      when(get(found, 'i32'), again),
    ],
  }
  return { stmts: [...from.before, ...to.before, block], search }
}

/** There is a round: the difference is right as an unsigned i32. */
const endOf = (first: Expr, to: Expr, size: number): Expr =>
  op('i32.select', op('i32.gt_u', op('i32.sub', to, first), i32(size)), op('i32.add', first, i32(size)), to)

function held(scope: Scope, value: Expr): { readonly value: Expr; readonly before: readonly Stmt[] } {
  if (value.kind === 'const') return { value, before: [] }
  const local = scope.local('bound', 'i32')
  return { value: get(local, 'i32'), before: [set(local, value)] }
}

const ownLocal = (scope: Scope, local: LocalId): LocalId => {
  const { name, type } = scope.locals[local] as Scope['locals'][number]
  return scope.local(name, type)
}

/** The rounds as they were, in a loop that nobody tries to vectorise. */
function plainLoop(scope: Scope, loop: ForStmt, first: Expr, end: Expr): readonly Stmt[] {
  const label = scope.label('again')
  const counter = get(loop.local, 'i32')
  const stays: Stmt = when(op('i32.ge_s', counter, end), [{ kind: 'break', label }])
  const next = set(loop.local, op('i32.add', counter, i32(loop.step)))
  return [set(loop.local, first), { kind: 'loop', label, body: [stays, ...loop.body, next] }]
}

// ---- which loops

const isShort = ({ from, to, step }: ForStmt): boolean =>
  from.kind === 'const' && to.kind === 'const' && Number(to.value) - Number(from.value) <= 2 * BLOCK * step

/** Locals that go from round to round or beyond the loop; undefined where a statement does more than set locals. */
function stateOf(loop: ForStmt, liveOutside: ReadonlySet<LocalId>): ReadonlySet<LocalId> | undefined {
  let isPlain = !liveOutside.has(loop.local) && loop.body.length > 0
  visitStmts(loop.body, ({ kind }) => {
    isPlain &&= kind === 'set' || kind === 'if'
  })
  if (!isPlain) return undefined
  const all = localsSet(loop.body)
  const kept = mayKeep(loop.body, all).filter(local => liveOutside.has(local))
  const state = new Set([...exposedReads(loop.body), ...kept].filter(local => all.has(local)))
  // what each round sets anew, and is read behind the loop, would have to be set by the search
  const others = [...all].filter(local => !state.has(local))
  return state.size > 0 && others.every(local => !liveOutside.has(local)) ? state : undefined
}

/** Whether state is set only under tests that look at the state, and its reads are the same in all rounds of a search. */
function isSearchable(body: readonly Stmt[], state: ReadonlySet<LocalId>): boolean {
  const always = new Set(body.flatMap(stmt => localSet(stmt) ?? []))
  return body.every(stmt => {
    if (stmt.kind === 'set' || !sets(stmt, state)) return !sets(stmt, state) && readsSafely(stmt, state)
    return stmt.kind === 'if' && isUpdate(stmt, state, always)
  })
}

const sets = (stmt: Stmt, state: ReadonlySet<LocalId>): boolean =>
  [...localsSet([stmt])].some(local => state.has(local))

function isUpdate(stmt: If, state: ReadonlySet<LocalId>, always: ReadonlySet<LocalId>): boolean {
  if (![...localsIn(stmt.test)].some(local => state.has(local)) || !isSafe(stmt.test, state)) return false
  if ([...localsSet([stmt])].some(local => always.has(local))) return false
  const [other, ...more] = stmt.else
  if (!other) return true
  return more.length === 0 && other.kind === 'if' && isUpdate(other, state, always)
}

const readsSafely = (stmt: Stmt, state: ReadonlySet<LocalId>): boolean => {
  let safe = true
  visitStmts([stmt], one => {
    for (const expr of rootExprs(one)) safe &&= isSafe(expr, state)
  })
  return safe
}

/**
 * The search computes with the state before the block, also in rounds that the loop would come to with another. Elements
 * at places that depend on the state are read only where their own test has found them in bounds.
 */
function isSafe(expr: Expr, state: ReadonlySet<LocalId>, checked = ''): boolean {
  if (expr.kind === 'load' && [...localsIn(expr.index)].some(local => state.has(local))) {
    return exprKey(expr.index) === checked
  }
  if (expr.kind === 'cond' && expr.test.kind === 'op' && expr.test.op === 'i32.lt_u' && expr.then.kind === 'load') {
    const [index, length] = expr.test.args as readonly [Expr, Expr]
    const own = length.kind === 'len' && length.array === expr.then.array
    return isSafe(expr.then, state, own ? exprKey(index) : '') && isSafe(expr.else, state)
  }
  const divides = expr.kind === 'op' && /^i(32|64)\.(div|rem)/.test(expr.op)
  return !divides && children(expr).every(child => isSafe(child, state))
}

// ---- the search

/** Where an update would be, it is found. */
function searchOf(body: readonly Stmt[], state: ReadonlySet<LocalId>, found: Stmt): readonly Stmt[] {
  return flatMapBody(body, stmt => {
    if (stmt.kind !== 'if' || !sets(stmt, state)) return stmt
    return { ...stmt, then: [found], else: searchOf(stmt.else, state, found) }
  })
}

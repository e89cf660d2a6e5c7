import { invarianceOf } from '../analysis/invariant.ts'
import { aliasesOf } from '../ir/alias.ts'
import { get, i32, op } from '../ir/build.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import {
  flatMapBody,
  localRead,
  localsIn,
  localsSet,
  localsUsed,
  mapBodies,
  mapExpr,
  rootExprs,
  visitExpr,
  withLocalRead,
} from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { ELEM_BYTES } from '../ir/types.ts'
import { mapFuncs, type Pass } from '../passes/pass.ts'
import { exposedReads } from './flow.ts'
import { closed, type LinearLoop, linearKey, linearOf } from './linear.ts'
import type { ForStmt } from './split.ts'

/**
 * Unroll and jam (Allen & Cocke 1972; Callahan, Carr & Kennedy 1990): where a loop around adds to the same elements in
 * each of its rounds (`for k: for j: c[j] += a[k] * b[k][j]`), four rounds are done in one pass over the elements, which
 * are then loaded and stored once. Each element gets its terms in the same order, so all bits stay.
 *
 * Requires: counted loops without bounds tests. Keeps: everything.
 */
export const jam: Pass = {
  name: 'jam',
  run: (module: Module): Module => mapFuncs(module, func => jamFunc(module, func)),
}

const UNROLL = 4

function jamFunc(module: Module, func: Func): Func {
  const scope = openScope(func)
  const { classOf } = aliasesOf(module, func)
  const visit = (body: readonly Stmt[]): readonly Stmt[] =>
    flatMapBody(body, stmt => {
      if (stmt.kind === 'for') {
        const nest = nestOf(stmt, classOf, () => localsUsed(without(func.body, stmt)))
        if (nest) return jammed(scope, nest)
      }
      return mapBodies(stmt, visit)
    })
  const body = visit(func.body)
  return body === func.body ? func : scope.finish(body)
}

const without = (body: readonly Stmt[], one: Stmt): readonly Stmt[] =>
  flatMapBody(body, stmt => (stmt === one ? [] : mapBodies(stmt, inner => without(inner, one))))

type Store = Extract<Stmt, { kind: 'store' }>
type SetStmt = Extract<Stmt, { kind: 'set' }>

interface Nest {
  readonly outer: ForStmt
  /** What a round of the outer loop sets before the inner one. */
  readonly before: readonly SetStmt[]
  readonly inner: ForStmt
  readonly sets: readonly SetStmt[]
  readonly store: Store
  /** Whether a load is of the element that is stored. */
  readonly isElement: (expr: Expr) => boolean
}

/** The parts of a nest of the right form. */
function nestOf(
  outer: ForStmt,
  classOf: (array: LocalId) => number,
  outside: () => ReadonlySet<LocalId>,
): Nest | undefined {
  const inner = outer.body.at(-1)
  const before = outer.body.slice(0, -1)
  if (inner?.kind !== 'for' || outer.step !== 1 || !before.every(isSet)) return undefined
  const store = inner.body.at(-1)
  const sets = inner.body.slice(0, -1)
  if (store?.kind !== 'store' || ELEM_BYTES[store.elem] < 4 || !sets.every(isSet)) return undefined
  const own = localsSet(outer.body)
  const usedOutside = outside()
  const exposed = exposedReads(outer.body)
  for (const local of own) if (exposed.has(local) || usedOutside.has(local)) return undefined
  if (exposedReads(inner.body).size > 0 && sets.some(set => exposedReads(inner.body).has(set.local))) return undefined
  // another array in each round, or a local with two values in one of them
  if (own.has(store.array) || !areSetOnce([...before, ...sets])) return undefined
  if (usedOutside.has(outer.local) || isShort(outer)) return undefined
  const invariance = invarianceOf(outer.body)
  const steady = (expr: Expr): boolean => invariance.holds(expr) && !localsIn(expr).has(outer.local)
  if (!steady(inner.from) || !steady(inner.to)) return undefined
  const isElement = elementTest(inner, before, sets, store, classOf, steady)
  return isElement && { outer, before, inner, sets, store, isElement }
}

const areSetOnce = (sets: readonly SetStmt[]): boolean => new Set(sets.map(({ local }) => local)).size === sets.length
const isSet = (stmt: Stmt): stmt is SetStmt => stmt.kind === 'set'
const isShort = ({ from, to }: ForStmt): boolean =>
  from.kind === 'const' && to.kind === 'const' && Number(to.value) - Number(from.value) < UNROLL

/**
 * All accesses to the stored array are at the stored index, which is another in each round of the inner loop and the same
 * in each of the outer one; and there is at least one load.
 */
function elementTest(
  inner: ForStmt,
  before: readonly SetStmt[],
  sets: readonly SetStmt[],
  store: Store,
  classOf: (array: LocalId) => number,
  steady: (expr: Expr) => boolean,
): ((expr: Expr) => boolean) | undefined {
  const values = new Map(sets.map(({ local, value }) => [local, value] as const))
  const resolved = (expr: Expr): Expr => closed(closed(expr, values), values)
  const loop: LinearLoop = {
    counter: inner.local,
    isInvariant: expr => steady(expr) && !localsIn(expr).has(inner.local),
    nameOf: String,
  }
  const formOf = (index: Expr): string | undefined => {
    const form = linearOf(resolved(index), loop)
    return form && form.step !== 0 ? linearKey(form) : undefined
  }
  const wanted = formOf(store.index)
  if (!wanted) return undefined
  const isElement = (expr: Expr): boolean =>
    expr.kind === 'load' && expr.array === store.array && formOf(expr.index) === wanted
  let loads = 0
  let others = false
  for (const expr of before.map(({ value }) => value))
    visitExpr(expr, node => {
      others ||= node.kind === 'load' && classOf(node.array) === classOf(store.array)
    })
  const look = (expr: Expr): void =>
    visitExpr(expr, node => {
      if (node.kind !== 'load' || classOf(node.array) !== classOf(store.array)) return
      if (isElement(node)) loads++
      else others = true
    })
  for (const stmt of inner.body) for (const expr of rootExprs(stmt)) look(expr)
  return loads > 0 && !others ? isElement : undefined
}

function jammed(scope: Scope, nest: Nest): readonly Stmt[] {
  const { outer, inner, store } = nest
  const from = scope.local('from', 'i32')
  const end = scope.local('end', 'i32')
  const main = scope.local('main', 'i32')
  const at = (local: LocalId): Expr => get(local, 'i32')
  const sound = op('i32.and', op('i32.ge_s', at(from), i32(0)), op('i32.gt_s', at(end), at(from)))
  const rounds = op('i32.and', op('i32.sub', at(end), at(from)), i32(-UNROLL))
  const last = scope.local('v', store.value.type)
  const copies = Array.from({ length: UNROLL }, (_, round) => copyOf(scope, nest, round, last))
  const value = get(last, store.value.type)
  const body: readonly Stmt[] = [
    ...copies.flatMap(copy => [...copy.sets, { kind: 'set', local: last, value: copy.value } as const]),
    { ...store, index: copies[0]?.index ?? store.index, value },
  ]
  return [
    { kind: 'set', local: from, value: outer.from },
    { kind: 'set', local: end, value: outer.to },
    { kind: 'set', local: main, value: op('i32.add', at(from), op('i32.select', sound, rounds, i32(0))) },
    {
      ...outer,
      label: scope.label(outer.label),
      from: at(from),
      to: at(main),
      step: UNROLL,
      body: [...copies.flatMap(copy => copy.before), { ...inner, label: scope.label(inner.label), body }],
    },
    { ...outer, from: at(main), to: at(end) },
  ]
}

interface Copy {
  readonly before: readonly Stmt[]
  readonly sets: readonly SetStmt[]
  readonly index: Expr
  readonly value: Expr
}

/**
 * A round of the outer loop with locals of its own; the counter is so many rounds ahead. The element is in `last` from
 * the second round on.
 */
function copyOf(scope: Scope, { outer, before, sets, store, isElement }: Nest, round: number, last: LocalId): Copy {
  const names = new Map<LocalId, LocalId>()
  const kept = (expr: Expr): Expr =>
    round === 0 ? expr : mapExpr(expr, node => (isElement(node) ? get(last, node.type) : node))
  const rename = (expr: Expr): Expr =>
    mapExpr(kept(expr), node => {
      const local = localRead(node)
      if (local === outer.local) return round === 0 ? node : op('i32.add', node, i32(round))
      const own = local === undefined ? undefined : names.get(local)
      return own === undefined ? node : withLocalRead(node, own)
    })
  const copied = (set: SetStmt): SetStmt => {
    const value = rename(set.value)
    const { name, type } = scope.locals[set.local] ?? { name: 'v', type: value.type }
    const local = scope.local(name, type)
    names.set(set.local, local)
    return { ...set, local, value }
  }
  const first = before.map(copied)
  const inside = sets.map(copied)
  return { before: first, sets: inside, index: rename(store.index), value: rename(store.value) }
}

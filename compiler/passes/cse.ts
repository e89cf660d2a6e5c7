import { get, set } from '../ir/build.ts'
import { memoryEffects } from '../ir/effects.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { flatMapBody, localSet, mapBodies, mapChildren, mapRootExprs, withLocalRead } from '../ir/rewrite.ts'
import {
  type Candidate,
  type Context,
  createContext,
  forgetTo,
  havoc,
  hold,
  jump,
  labelled,
  remember,
  scoped,
} from './cse-context.ts'
import { answerOf, assume, leaderOf, numberOf, rewrite } from './cse-expr.ts'
import { assignVersions, copyVersions, mergeVersions, type ValueNumber } from './cse-values.ts'
import type { Pass } from './pass.ts'
import { mapFuncs } from './pass.ts'

/**
 * Common subexpressions, copies and constants by value numbering over structured code (Briggs, Cooper, Simpson,
 * Value numbering, 1997, with the scopes of the dominator tree being those of the statements). Tests whose answer
 * follows from enclosing ones are answered; a load after a store to the same element takes the stored value.
 *
 * Requires: a valid module; best after `fold`, which puts operands in one order.
 * Keeps: every value; the shape of loops: `i = i + c` and the test of a loop stay as they are.
 * Breaks: leaves sets of locals that nothing reads any more (`dce`).
 */
export const cse: Pass = {
  name: 'cse',
  run: module => mapFuncs(module, func => cseFunc(module, func)),
}

function cseFunc(module: Module, func: Func): Func {
  const context = createContext(module, func)
  const body = walkBody(context, func.body)
  if (!context.changed) return func
  return context.scope.finish(context.wanted.size > 0 ? placeTemps(body, context.wanted) : body)
}

/** Before each statement that first computes a wanted value, sets its local. */
function placeTemps(body: readonly Stmt[], wanted: ReadonlyMap<Expr, Candidate>): readonly Stmt[] {
  const place = (stmts: readonly Stmt[]): readonly Stmt[] =>
    flatMapBody(stmts, stmt => {
      const before: Stmt[] = []
      const map = (expr: Expr): Expr => {
        const inner = mapChildren(expr, map)
        const candidate = wanted.get(expr)
        if (candidate?.temp === undefined) return inner
        before.push(set(candidate.temp, inner))
        return get(candidate.temp, expr.type)
      }
      const placed = mapRootExprs(stmt, map)
      const nested = mapBodies(placed, place)
      return before.length > 0 ? [...before, nested] : nested
    })
  return place(body)
}

function walkBody(context: Context, body: readonly Stmt[]): readonly Stmt[] {
  return flatMapBody(body, stmt => {
    if (!context.reachable) {
      context.changed = true
      return []
    }
    context.memo.clear()
    return walk(context, stmt)
  })
}

function walk(context: Context, stmt: Stmt): Stmt | readonly Stmt[] {
  switch (stmt.kind) {
    case 'set':
      return walkSet(context, stmt)
    case 'if':
      return walkIf(context, stmt)
    case 'block': {
      const body = labelled(context, stmt.label, () => walkBody(context, stmt.body))
      return body === stmt.body ? stmt : { ...stmt, body }
    }
    case 'loop':
      return walkLoop(context, stmt)
    case 'for':
      return walkFor(context, stmt)
    case 'break':
      jump(context, stmt.label)
      return stmt
    case 'continue':
    case 'exit':
      context.reachable = false
      return stmt
    case 'return': {
      const result = mapRootExprs(stmt, expr => rewrite(context, expr))
      context.reachable = false
      return result
    }
    default:
      return walkEffect(context, stmt)
  }
}

function walkSet(context: Context, stmt: Extract<Stmt, { kind: 'set' }>): Stmt | readonly Stmt[] {
  const number = numberOf(context, stmt.value)
  if (context.versions.locals[stmt.local] === number) {
    context.changed = true
    return []
  }
  const value = isUpdate(context, stmt) ? rewriteUpdate(context, stmt) : rewrite(context, stmt.value)
  hold(context, stmt.local, number)
  return value === stmt.value ? stmt : { ...stmt, value }
}

/** `i = i + c`, also through a copy of `i`: passes that look for counted loops must find it so. */
function isUpdate(context: Context, { local, value }: Extract<Stmt, { kind: 'set' }>): boolean {
  if (value.kind !== 'op' || !/\.(add|sub)$/.test(value.op)) return false
  const [target] = value.args
  return target?.kind === 'get' && context.versions.locals[target.local] === context.versions.locals[local]
}

function rewriteUpdate(context: Context, { local, value }: Extract<Stmt, { kind: 'set' }>): Expr {
  if (value.kind !== 'op' || context.values.constant(numberOf(context, value))) return rewrite(context, value)
  const [target, step] = value.args as readonly [Expr, Expr]
  const next = rewrite(context, step)
  const own = withLocalRead(target, local)
  if (own === target && next === step) return value
  if (own !== target) context.changed = true
  return { ...value, args: [own, next] }
}

function walkIf(context: Context, stmt: Extract<Stmt, { kind: 'if' }>): Stmt | readonly Stmt[] {
  const answer = answerOf(context, stmt.test)
  if (answer !== undefined) {
    context.changed = true
    return walkBody(context, answer ? stmt.then : stmt.else)
  }
  const test = rewrite(context, stmt.test)
  const before = copyVersions(context.versions)
  const then = scoped(context, () => {
    assume(context, stmt.test, true)
    return walkBody(context, stmt.then)
  })
  const afterThen = context.reachable ? copyVersions(context.versions) : undefined
  assignVersions(context.versions, before)
  context.reachable = true
  context.memo.clear()
  const mark = context.undo.length
  assume(context, stmt.test, false)
  const otherwise = walkBody(context, stmt.else)
  if (afterThen) {
    // else what the second arm has learnt goes on to hold
    forgetTo(context, mark)
    if (context.reachable) mergeVersions(context.versions, afterThen, context.values)
    else assignVersions(context.versions, afterThen)
    context.reachable = true
  }
  const same = test === stmt.test && then === stmt.then && otherwise === stmt.else
  return same ? stmt : { ...stmt, test, then, else: otherwise }
}

function walkLoop(context: Context, stmt: Extract<Stmt, { kind: 'loop' }>): Stmt {
  const effects = context.effects.get(stmt)
  if (effects) havoc(context, effects)
  const body = labelled(context, stmt.label, () =>
    scoped(context, () => {
      const inner = walkBody(context, stmt.body)
      context.reachable = false
      return inner
    }),
  )
  return body === stmt.body ? stmt : { ...stmt, body }
}

function walkFor(context: Context, stmt: Extract<Stmt, { kind: 'for' }>): Stmt {
  const from = rewrite(context, stmt.from)
  const to = rewrite(context, stmt.to)
  const end = numberOf(context, stmt.to)
  const countsUp = isNatural(context, stmt.from)
  const effects = context.effects.get(stmt)
  if (effects) havoc(context, effects)
  const header = copyVersions(context.versions)
  const body = labelled(context, stmt.label, () =>
    scoped(context, () => {
      assumeCounter(context, stmt.local, end, countsUp)
      const inner = walkBody(context, stmt.body)
      context.reachable = false
      return inner
    }),
  )
  assignVersions(context.versions, header)
  if (effects) havoc(context, effects)
  context.reachable = true
  const same = from === stmt.from && to === stmt.to && body === stmt.body
  return same ? stmt : { ...stmt, from, to, body }
}

function isNatural(context: Context, from: Expr): boolean {
  const constant = context.values.constant(numberOf(context, from))
  return constant !== undefined && constant.value >= 0
}

/** In the body the counter is below the end; one that begins at a natural number is so without its sign, too. */
function assumeCounter(context: Context, counter: LocalId, end: ValueNumber, countsUp: boolean): void {
  const value = context.versions.locals[counter] as ValueNumber
  hold(context, counter, value)
  const learn = (op: 'i32.lt_s' | 'i32.lt_u' | 'i32.ge_s' | 'i32.ge_u', truth: boolean): void =>
    remember(context, context.known, context.values.comparison(op, value, end), truth)
  learn('i32.lt_s', true)
  learn('i32.ge_s', false)
  if (!countsUp) return
  learn('i32.lt_u', true)
  learn('i32.ge_u', false)
}

/** Statements that write memory, call or allocate. */
function walkEffect(context: Context, stmt: Stmt): Stmt {
  const { values, versions } = context
  const result = withLeaders(
    context,
    mapRootExprs(stmt, expr => rewrite(context, expr)),
  )
  const stored = storedElement(context, stmt)
  const { writes, resizes } = memoryEffects(stmt, values.aliases)
  for (const one of writes) versions.elements[one] = values.fresh()
  for (const one of resizes) versions.lengths[one] = values.fresh()
  if (stored) values.forward({ ...stored.key, elements: versions.elements[stored.class] as number }, stored.value)
  const local = localSet(stmt)
  if (local !== undefined) hold(context, local, values.fresh())
  return result
}

function withLeaders(context: Context, stmt: Stmt): Stmt {
  const leader = (local: LocalId): LocalId => leaderOf(context, local)
  switch (stmt.kind) {
    case 'store':
    case 'fill':
      return leader(stmt.array) === stmt.array ? stmt : { ...stmt, array: leader(stmt.array) }
    case 'copy': {
      const target = leader(stmt.target)
      const source = leader(stmt.source)
      return target === stmt.target && source === stmt.source ? stmt : { ...stmt, target, source }
    }
    case 'listset':
    case 'listpush':
    case 'listtruncate':
      return leader(stmt.list) === stmt.list ? stmt : { ...stmt, list: leader(stmt.list) }
    default:
      return stmt
  }
}

/** The element that a store writes, where a load gives back exactly what was stored. */
function storedElement(context: Context, stmt: Stmt) {
  const { versions, values } = context
  const held = (local: LocalId): ValueNumber => versions.locals[local] as ValueNumber
  if (stmt.kind === 'store') {
    const { elem } = stmt
    if (elem !== 'f64' && elem !== 'f32' && elem !== 'i32' && elem !== 'u32') return undefined
    const key = { what: elem, memory: held(stmt.array), elements: 0, index: numberOf(context, stmt.index) }
    return { key, class: values.aliases.classOf(stmt.array), value: numberOf(context, stmt.value) }
  }
  if (stmt.kind !== 'listset') return undefined
  const key = { what: 'list' as const, memory: held(stmt.list), elements: 0, index: numberOf(context, stmt.index) }
  return { key, class: values.aliases.classOf(stmt.list), value: numberOf(context, stmt.value) }
}

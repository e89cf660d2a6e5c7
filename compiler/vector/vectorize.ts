import { diagnostic, type Span } from '../../base/diagnostic.ts'
import { type Range, rangeOfType } from '../analysis/interval.ts'
import { invarianceOf } from '../analysis/invariant.ts'
import { analyzeRanges } from '../analysis/ranges.ts'
import { unshare } from '../analysis/unshare.ts'
import { aliasesOf } from '../ir/alias.ts'
import { i32, op } from '../ir/build.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { flatMapBody, localsUsed, mapBodies, substitute, visitAllExprs, visitStmts } from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { ELEM_BYTES, elemOf, isArray, isVector, type VectorType } from '../ir/types.ts'
import { LANES } from '../ir/vector-types.ts'
import { cse } from '../passes/cse.ts'
import { dce } from '../passes/dce.ts'
import { fold } from '../passes/fold.ts'
import { licm } from '../passes/licm.ts'
import { narrow } from '../passes/narrow.ts'
import { type Pass, type PassContext, silent } from '../passes/pass.ts'
import { checkDependences } from './dependence.ts'
import { isSingle } from './fast-single.ts'
import { choiceOf } from './group.ts'
import type { LinearLoop } from './linear.ts'
import { prepare } from './prepare.ts'
import { rareLoops } from './rare.ts'
import { Refusal } from './refusal.ts'
import { vectorLoop } from './rewrite-loop.ts'
import { type Choice, type ForStmt, splitLoop } from './split.ts'

/**
 * Vectorises counted loops. First each loop is split (split.ts) into a main loop without bounds tests and a tail; the
 * scalar passes then simplify the main loop (without tests nothing can be NaN that is read from an array of bytes, so
 * more of it becomes integer); then the main loops are rewritten to do groups of rounds with vectors. Loops that cannot
 * be rewritten stay as they were.
 *
 * Requires: a valid module; best after `counted`, `narrow` and `licm`.
 * Keeps: every bit in strict mode; with `math: 'fast'` the order of floating-point reductions is another, that depends on
 * the number of rounds alone.
 */
export interface VectorizeOptions {
  readonly math: 'strict' | 'fast'
}

export const vectorize = (options: VectorizeOptions): Pass => ({
  name: 'vectorize',
  run: (module, context) => run(module, options, context),
})

const CLEAN: readonly Pass[] = [fold, narrow, fold, cse, licm, cse, fold, dce]

const SIMPLE: readonly Pass[] = [fold, cse, licm, cse, fold, dce]

/** Whether numbers are made of integers: without bounds tests more of them may turn out to be integers. */
function hasIntegers({ funcs }: Module, mains: ReadonlyMap<string, Main>): boolean {
  let found = false
  for (const func of funcs) {
    visitStmts(func.body, stmt => {
      if (stmt.kind !== 'for' || !mains.has(keyOf(func, stmt))) return
      visitAllExprs(stmt.body, expr => {
        found ||= expr.kind === 'op' && INTEGERS.test(expr.op)
      })
    })
  }
  return found
}

const INTEGERS = /^(f64\.from_i|i32\.(from_f64|index_|trunc|wrap)|i64\.)/

/** How a loop fared: what was made of it, or why it stays scalar. */
interface Verdict {
  readonly made?: string
  readonly reason?: string
  readonly span?: Span
}

interface Attempt {
  readonly module: Module
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** The loops that were made. */
  readonly labels: readonly string[]
}

/** Loops are known by function and label. */
const keyOf = (func: Func, loop: ForStmt): string => `${func.name} ${loop.label}`

function run(module: Module, options: VectorizeOptions, context: PassContext): Module {
  const told = new Map<string, Verdict>()
  let current = module
  const done = new Set<string>()
  // inner loops first; what is left of them decides whether the loop around is tried
  for (;;) {
    const wanted = candidates(current, done, told)
    if (wanted.size === 0) break
    for (const key of wanted) done.add(key)
    const { module: next, verdicts, labels } = attempt(current, wanted, options)
    if ([...verdicts.values()].some(({ made }) => made !== undefined)) {
      for (const key of insideOf(current, verdicts)) told.delete(key)
      current = next
      for (const label of labels) done.add(label)
    }
    for (const [key, verdict] of verdicts) told.set(key, verdict)
  }
  current = searchRare(current, told, options)
  tell(told, context)
  return current
}

/** Loops that stayed scalar, but whose state changes rarely (rare.ts), where their search can be vectorised. */
function searchRare(module: Module, told: Map<string, Verdict>, options: VectorizeOptions): Module {
  const outside = (func: Func, loop: ForStmt): ReadonlySet<LocalId> => readOutside(func, loop, [])
  const all = rareLoops(module, key => told.get(key)?.reason !== undefined, outside)
  if (all.searches.size === 0) return module
  const made = new Set<string>()
  for (const [key, { made: how }] of attempt(all.module, new Set(all.searches.keys()), options).verdicts) {
    if (how !== undefined) made.add(all.searches.get(key) as string)
  }
  if (made.size === 0) return module
  const { module: split, searches } = rareLoops(module, key => made.has(key), outside)
  const { module: result, verdicts } = attempt(split, new Set(searches.keys()), options)
  for (const [search, key] of searches) {
    const { span, made: how } = verdicts.get(search) as Verdict
    told.set(key, { made: `${how}, in search of rounds that change anything`, ...(span && { span }) })
  }
  return result
}

/** One remark for each loop of the source: a loop may have become several. */
function tell(told: ReadonlyMap<string, Verdict>, context: PassContext): void {
  const remarks = new Set<string>()
  for (const { made, reason, span } of told.values()) {
    const key = `${span ? spanKey(span) : ''} ${made ?? reason}`
    if (remarks.has(key)) continue
    remarks.add(key)
    context.remark(
      made ? diagnostic('IRIS7001', { how: made }, span) : diagnostic('IRIS7002', { reason: reason ?? '' }, span),
    )
  }
}

/** Loops inside of those that were vectorised as a whole: why they alone were not is of no interest. */
function insideOf(module: Module, verdicts: ReadonlyMap<string, Verdict>): readonly string[] {
  const keys: string[] = []
  for (const func of module.funcs) {
    visitStmts(func.body, stmt => {
      if (stmt.kind !== 'for' || verdicts.get(keyOf(func, stmt))?.made === undefined) return
      visitStmts(stmt.body, inner => {
        if (inner.kind === 'for') keys.push(keyOf(func, inner))
      })
    })
  }
  return keys
}

/** Counted loops all of whose inner loops stayed scalar, and that were not tried before. */
function candidates(module: Module, done: ReadonlySet<string>, told: ReadonlyMap<string, Verdict>): Set<string> {
  const wanted = new Set<string>()
  for (const func of module.funcs) {
    const fastSpans = spansWithoutTests(func)
    visitStmts(func.body, stmt => {
      if (stmt.kind !== 'for' || done.has(keyOf(func, stmt)) || isSlowVersion(stmt, fastSpans)) return
      let ready = true
      visitStmts(stmt.body, inner => {
        if (inner.kind !== 'for') return
        const verdict = told.get(keyOf(func, inner))
        ready &&= verdict !== undefined && verdict.made === undefined
      })
      if (ready) wanted.add(keyOf(func, stmt))
    })
  }
  return wanted
}

/** Of a loop in two versions (the pass `bounds`) only the one without bounds tests is worth it. */
const isSlowVersion = (loop: ForStmt, fast: ReadonlySet<string>): boolean =>
  loop.span !== undefined && fast.has(spanKey(loop.span)) && hasBoundsTest(loop)

const spanKey = ({ source, start, end }: Span): string => `${source} ${start} ${end}`

function spansWithoutTests(func: Func): ReadonlySet<string> {
  const spans = new Set<string>()
  visitStmts(func.body, stmt => {
    if (stmt.kind === 'for' && stmt.span && !hasBoundsTest(stmt)) spans.add(spanKey(stmt.span))
  })
  return spans
}

function hasBoundsTest(loop: ForStmt): boolean {
  let found = false
  visitAllExprs(loop.body, expr => {
    found ||= expr.kind === 'op' && /^i32\.(lt_u|ge_u)$/.test(expr.op) && expr.args[1]?.kind === 'len'
  })
  return found
}

interface Main {
  readonly key: string
  /** The loops that do other rounds of the same loop. */
  readonly others: readonly string[]
  readonly choice: Choice
  /** Keys of what its split has made sure of. */
  readonly assured: ReadonlySet<string>
}

function attempt(module: Module, wanted: ReadonlySet<string>, options: VectorizeOptions): Attempt {
  const mains = new Map<string, Main>()
  const verdicts = new Map<string, Verdict>()
  const split: Module = {
    ...module,
    funcs: module.funcs.map(func => splitFunc(func, wanted, mains, verdicts, options)),
  }
  if (mains.size === 0) return { module, verdicts, labels: [] }
  const clean = (hasIntegers(split, mains) ? CLEAN : SIMPLE).reduce((made, pass) => pass.run(made, silent), split)
  const funcs = clean.funcs.map(func => rewriteFunc(clean, func, mains, verdicts, options))
  return { module: { ...clean, funcs }, verdicts, labels: newLoops(module, funcs) }
}

function newLoops(before: Module, funcs: readonly Func[]): readonly string[] {
  const old = new Set(before.funcs.flatMap(loopKeys))
  return funcs.flatMap(loopKeys).filter(key => !old.has(key))
}

function loopKeys(func: Func): readonly string[] {
  const keys: string[] = []
  visitStmts(func.body, stmt => {
    if (stmt.kind === 'for') keys.push(keyOf(func, stmt))
  })
  return keys
}

function loopOf(stmt: ForStmt, locals: Scope['locals']): LinearLoop {
  const invariance = invarianceOf(stmt.body)
  const reads = (expr: Parameters<typeof invariance.holds>[0]): boolean => readsLocal(expr, stmt.local)
  return {
    counter: stmt.local,
    isInvariant: expr => invariance.holds(expr) && !reads(expr),
    nameOf: local => locals[local]?.name ?? '?',
  }
}

function readsLocal(expr: Parameters<LinearLoop['isInvariant']>[0], local: LocalId): boolean {
  return localsUsed([{ kind: 'return', value: expr }]).has(local)
}

function splitFunc(
  func: Func,
  wanted: ReadonlySet<string>,
  mains: Map<string, Main>,
  verdicts: Map<string, Verdict>,
  options: VectorizeOptions,
): Func {
  const scope = openScope(func)
  const visit = (body: readonly Stmt[]): readonly Stmt[] =>
    flatMapBody(body, stmt => {
      const inner = mapBodies(stmt, visit)
      if (stmt.kind !== 'for' || inner.kind !== 'for' || !wanted.has(keyOf(func, stmt))) return inner
      const choice = choiceOf(func, inner, options.math === 'fast')
      if (typeof choice === 'string') {
        verdicts.set(keyOf(func, stmt), { reason: choice, ...(stmt.span && { span: stmt.span }) })
        return inner
      }
      const { before, main, tail, assured } = splitLoop(scope, inner, loopOf(inner, scope.locals), choice)
      const key = keyOf(func, stmt)
      const shorter = choice.rest === undefined ? undefined : { group: choice.rest, least: 0 }
      if (!shorter) {
        mains.set(`${func.name} ${main.label}`, { key, others: [tail.label], choice, assured })
        return [...before, main, tail]
      }
      const rest = splitLoop(scope, tail, loopOf(tail, scope.locals), shorter)
      mains.set(`${func.name} ${main.label}`, { key, others: [rest.main.label, tail.label], choice, assured })
      mains.set(`${func.name} ${rest.main.label}`, {
        key,
        others: [main.label, tail.label],
        choice: shorter,
        assured: rest.assured,
      })
      return [...before, main, ...rest.before, rest.main, rest.tail]
    })
  const body = visit(func.body)
  return body === func.body ? func : scope.finish(body)
}

/** Ranges decide about lanes of 16 bits; nobody else asks for them. */
const hasNarrowElements = ({ locals }: Func): boolean =>
  locals.some(({ type }) => isArray(type) && ELEM_BYTES[elemOf(type)] <= 2)

function rewriteFunc(
  module: Module,
  given: Func,
  mains: ReadonlyMap<string, Main>,
  verdicts: Map<string, Verdict>,
  options: VectorizeOptions,
): Func {
  if (![...mains.keys()].some(key => key.startsWith(`${given.name} `))) return given
  const func = hasNarrowElements(given) ? unshare(given) : given
  const ranges = hasNarrowElements(given) ? analyzeRanges(func) : undefined
  const rangeOf = (expr: Expr): Range => ranges?.of(expr) ?? rangeOfType(expr.type)
  const scope = openScope(func)
  const aliases = aliasesOf(module, func)
  const names = (local: LocalId): string => (func.locals[local]?.name ?? '?').replace(/\..*/, '')
  const visit = (body: readonly Stmt[]): readonly Stmt[] =>
    flatMapBody(body, stmt => {
      const main = stmt.kind === 'for' ? mains.get(keyOf(func, stmt)) : undefined
      if (stmt.kind !== 'for' || !main) return mapBodies(stmt, visit)
      const span = stmt.span ? { span: stmt.span } : {}
      try {
        const { choice, assured } = main
        const liveOutside = readOutside(func, stmt, main.others)
        const fast = options.math === 'fast'
        const { classOf } = aliases
        const { body, ...prepared } = prepare(scope, stmt, { liveOutside, classOf, singles: fast && isSingle(func) })
        const own: ForStmt = { ...stmt, body }
        const loop = loopOf(own, scope.locals)
        const conditions = checkDependences(body, loop, aliases, { step: stmt.step, group: choice.group, names })
        const safe = conditions.map(one => atStart(one, stmt)).reduce((a, b) => op('i32.and', a, b), i32(1))
        const made = vectorLoop({
          ...prepared,
          ...{
            scope,
            loop,
            main: own,
            choice,
            assured,
            fast,
            liveOutside,
            rangeOf,
            classOf,
            safe: conditions.length > 0 ? safe : undefined,
          },
        })
        // of several loops with the same rounds the first one counts
        if (verdicts.get(main.key)?.made === undefined)
          verdicts.set(main.key, { made: describe(choice.group, made, conditions.length > 0), ...span })
        return made
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        if (verdicts.get(main.key)?.made === undefined)
          verdicts.set(main.key, { reason: error.message, ...span, ...(error.span && { span: error.span }) })
        // no group: all rounds are the tail's
        return { kind: 'set', local: stmt.local, value: stmt.from }
      }
    })
  const body = visit(func.body)
  for (const { key } of mains.values())
    if (key.startsWith(`${func.name} `) && !verdicts.has(key)) verdicts.set(key, { reason: 'it never runs' })
  return body === func.body ? given : scope.finish(body)
}

/** Rounds of a group, the lanes in which they are done, and how many vectors of each kind that takes. */
function describe(group: number, body: readonly Stmt[], checked: boolean): string {
  const types = new Set<VectorType>()
  visitAllExprs(body, expr => {
    const computes = expr.kind === 'vop' || expr.kind === 'vload' || expr.kind === 'kernel'
    if (computes && isVector(expr.type) && LANES[expr.type] <= group) types.add(expr.type)
  })
  const lanes = [...types].sort().map(type => `${group / LANES[type]} × ${type}`)
  const versions = checked ? ', where the distance of its rows allows it' : ''
  return `${group} rounds at a time${lanes.length > 0 ? ` (${lanes.join(', ')})` : ''}${versions}`
}

/** A value of the first round. */
const atStart = (expr: Expr, { local, from }: ForStmt): Expr =>
  substitute(expr, read => (read === local ? from : undefined))

/** Locals read anywhere but in this loop and in its other parts, which set before they read what the loop sets first. */
function readOutside(func: Func, main: ForStmt, others: readonly string[]): ReadonlySet<LocalId> {
  const without = (body: readonly Stmt[]): readonly Stmt[] =>
    flatMapBody(body, stmt => {
      if (stmt === main || (stmt.kind === 'for' && others.includes(stmt.label))) return []
      return mapBodies(stmt, without)
    })
  return localsUsed(without(func.body))
}

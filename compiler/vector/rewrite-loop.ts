import type { Range } from '../analysis/interval.ts'
import { f32, f64, get, i32, op } from '../ir/build.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { localsSet, visitStmts } from '../ir/rewrite.ts'
import type { Scope } from '../ir/scope.ts'
import { LANE_SCALAR } from '../ir/vector-types.ts'
import { type Builder, hoist } from './builder.ts'
import { leaves } from './exits.ts'
import { vectorOf } from './expressions.ts'
import type { Relation } from './extremes.ts'
import { exposedReads, mayKeep } from './flow.ts'
import { checkNoneWaits } from './interleave.ts'
import type { LinearLoop } from './linear.ts'
import { vop } from './make.ts'
import { narrowComparison } from './narrow-lanes.ts'
import { gatheringOf, gatherLanes, isFastReduction, neutralLanes, pickLanes, type Reduction } from './reductions.ts'
import { refuse } from './refusal.ts'
import { type Choice, type ForStmt, leadingRounds } from './split.ts'
import { checkJumps, lastValues, runBody } from './statements.ts'
import { isUniform } from './uniform.ts'
import { sharpRange } from './vertex-range.ts'

/** One main loop (split.ts) as a loop over groups of rounds. */

export interface LoopRequest {
  readonly scope: Scope
  readonly loop: LinearLoop
  readonly main: ForStmt
  readonly choice: Choice
  /** What the split has made sure of. */
  readonly assured: ReadonlySet<string>
  readonly fast: boolean
  /** For each f32 local that gathers in the place of an f64 local: that one (fast-sums.ts). */
  readonly into: ReadonlyMap<LocalId, LocalId>
  /** Statements before and after the groups: those of flags (flags.ts). */
  readonly before: readonly Stmt[]
  readonly after: readonly Stmt[]
  /** Whether groups may be done at all, known at run time. */
  readonly safe: Expr | undefined
  readonly liveOutside: ReadonlySet<LocalId>
  readonly rangeOf: (expr: Expr) => Range
  readonly classOf: (array: LocalId) => number
}

/**
 * A fast reduction's association: blocks of this many rounds, in each of them 8 or 16 sums (round i goes to sum i mod 16)
 * added as a tree, the blocks in order. See docs/vectorising.md.
 */
export const BLOCK = 8192
/** The same where the partial sums are f32: fewer rounds, so that less is rounded to f32 one after the other. */
export const BLOCK_OF_SINGLES = 1024

export function vectorLoop(given: LoopRequest): readonly Stmt[] {
  const builder = createBuilder(given)
  const { body: rounds, label } = given.main
  checkJumps(rounds, new Set([label]))
  runBody(builder, rounds)
  checkNoneWaits(builder)
  const body = builder.out
  const { before, request } = withinBounds(given, builder)
  const { main, into } = request
  const after = [...lastValues(builder, localsSet(main.body), main.from, main.body.some(leaves)), ...request.after]
  const reductions = [...builder.reductions.values()].filter(({ local }) => builder.storage.has(local))
  const picks = reductions.filter(({ pick }) => pick)
  const sums = reductions.filter(({ pick }) => !pick)
  const start = sums.flatMap(one => startOf(builder, one))
  const finish = sums.flatMap(one => finishOf(builder, one, into.get(one.local)))
  const step = main.step * request.choice.group
  const whole: readonly Stmt[] = sums.some(isFastReduction)
    ? inBlocks(request, start, body, finish, step, sums.some(isSingleSum) ? BLOCK_OF_SINGLES : BLOCK)
    : [...start, { ...main, step, body }]
  if (request.safe && sums.some(isFastReduction)) refuse('a sum in a loop over rows that may overlap')
  const last = sums.some(isFastReduction) ? after : [...finish, ...after]
  const groups = [
    ...picks.flatMap(one => startOf(builder, one)),
    ...whole,
    ...finishPicks(request, builder, picks, last),
  ]
  const some = op('i32.lt_s', main.from, main.to)
  const then = [...request.before, ...builder.hoisted, ...groups]
  return [
    ...before,
    { kind: 'set', local: main.local, value: main.from },
    { kind: 'if', test: request.safe ? op('i32.and', some, request.safe) : some, then, else: [] },
  ]
}

/** Over fewer rounds, where more must be in bounds than the split has made sure of. */
function withinBounds(
  request: LoopRequest,
  { bounds }: Builder,
): { readonly before: readonly Stmt[]; readonly request: LoopRequest } {
  if (bounds.size === 0) return { before: [], request }
  const { scope, main, choice } = request
  const { before, from, to } = leadingRounds(scope, main, [...bounds.values()], choice)
  return { before, request: { ...request, main: { ...main, from, to } } }
}

/**
 * What is gathered by comparison, and then the rest. Lanes may have kept another zero than the loop would have: then all
 * is left to the tail, which begins anew. (In fast mode that is the order of a reduction.)
 */
function finishPicks(
  { main, fast }: LoopRequest,
  builder: Builder,
  picks: readonly Reduction[],
  rest: readonly Stmt[],
): readonly Stmt[] {
  const out: Stmt[] = []
  const hold = holdIn(builder, out)
  const found = picks.map(({ local, pick }) => {
    const parts = builder.storage.get(local)?.parts ?? []
    return [local, hold(pickLanes(pick as Relation, parts, hold))] as const
  })
  const zeros = fast ? [] : found.flatMap(([, value]) => (value.type === 'f64' || value.type === 'f32' ? [value] : []))
  const sets = found.map(([local, value]): Stmt => ({ kind: 'set', local, value }))
  if (zeros.length === 0) return [...out, ...sets, ...rest]
  if (hasStores(main.body)) refuse('a greatest or least value in a loop that also stores')
  const test = zeros.map(value => isZero(value)).reduce((a, b) => op('i32.or', a, b))
  const again: Stmt = { kind: 'set', local: main.local, value: main.from }
  return [...out, { kind: 'if', test, then: [again], else: [...sets, ...rest] }]
}

const isZero = (value: Expr): Expr => (value.type === 'f32' ? op('f32.eq', value, f32(0)) : op('f64.eq', value, f64(0)))

function hasStores(body: readonly Stmt[]): boolean {
  let found = false
  visitStmts(body, stmt => {
    found ||= stmt.kind === 'store'
  })
  return found
}

const holdIn =
  (builder: Builder, out: Stmt[]) =>
  (expr: Expr): Expr => {
    if (expr.kind === 'get') return expr
    const own = builder.scope.local('r', expr.type)
    out.push({ kind: 'set', local: own, value: expr })
    return get(own, expr.type)
  }

function inBlocks(
  { scope, main }: LoopRequest,
  start: readonly Stmt[],
  body: readonly Stmt[],
  finish: readonly Stmt[],
  step: number,
  size: number,
): readonly Stmt[] {
  const block = scope.local('block', 'i32')
  const end = scope.local('end', 'i32')
  const next = op('i32.add', get(block, 'i32'), i32(size * main.step))
  const inner: Stmt = { ...main, from: get(block, 'i32'), to: get(end, 'i32'), step, body }
  const least: Stmt = { kind: 'set', local: end, value: op('i32.select', op('i32.lt_s', next, main.to), next, main.to) }
  const outer = [least, ...start, inner, ...finish]
  return [
    {
      kind: 'for',
      label: scope.label('blocks'),
      local: block,
      from: main.from,
      to: main.to,
      step: size * main.step,
      body: outer,
    },
  ]
}

function startOf(builder: Builder, reduction: Reduction): readonly Stmt[] {
  const parts = builder.storage.get(reduction.local)?.parts ?? []
  const type = builder.storage.get(reduction.local)?.type ?? 'f64x2'
  const before = get(reduction.local, LANE_SCALAR[type])
  const neutral = hoist(builder, reduction.pick ? vop(`${type}.splat`, before) : neutralLanes(type, reduction))
  return parts.flatMap(part =>
    part.kind === 'get' ? [{ kind: 'set', local: part.local, value: neutral } as Stmt] : [],
  )
}

const isSingleSum = (reduction: Reduction): boolean => isFastReduction(reduction) && reduction.op.startsWith('f32')

/** All lanes are gathered into the local, or as f64 into the one in whose place it gathers. */
function finishOf(
  builder: Builder,
  { local, op: name, isTruth }: Reduction,
  into: LocalId | undefined,
): readonly Stmt[] {
  const out: Stmt[] = []
  const hold = holdIn(builder, out)
  const all = gatherLanes(name, builder.storage.get(local)?.parts ?? [], hold)
  if (isTruth) out.push({ kind: 'set', local, value: truthAfter(get(local, 'i32'), hold(all)) })
  else if (into === undefined) out.push({ kind: 'set', local, value: op(name, get(local, all.type), all) })
  else {
    const wide = name.replace('f32', 'f64') as OpName
    out.push({ kind: 'set', local: into, value: op(wide, get(into, 'f64'), op('f64.from_f32', all)) })
  }
  return out
}

/** Lanes that are all ones had no round. */
const truthAfter = (before: Expr, all: Expr): Expr =>
  op('i32.select', op('i32.eq', all, i32(-1)), before, op('i32.and', op('i32.ne', before, i32(0)), all))

function createBuilder(request: LoopRequest): Builder {
  const { scope, loop, main, choice, fast, liveOutside, assured } = request
  const set = localsSet(main.body)
  // what a round may leave alone is read by whoever looks after the loop
  const kept = mayKeep(main.body, set).filter(local => liveOutside.has(local))
  const exposed = new Set([...exposedReads(main.body), ...kept])
  const uniform = new Set<LocalId>()
  const ranges = new Map<LocalId, Range>()
  const known = (expr: Expr): Range =>
    (expr.kind === 'get' ? ranges.get(expr.local) : undefined) ?? request.rangeOf(expr)
  const builder: Builder = {
    scope,
    loop,
    assured,
    bounds: new Map(),
    group: choice.group,
    step: main.step,
    hoisted: [],
    hoistedAt: new Map(),
    values: new Map(),
    forms: new Map(),
    out: [],
    mask: undefined,
    arms: 0,
    shared: new Map(),
    uniform,
    reductions: new Map(),
    storage: new Map(),
    liveOutside,
    depth: 0,
    leave: main.label,
    fresh: new Set(),
    lanesLoop: undefined,
    rows: new Map(),
    classOf: request.classOf,
    rest: [],
    rangeOf: expr => sharpRange(expr, known),
    ranges,
    narrow: new Map(),
    packs: false,
    narrowComparison,
    vectorOf,
  }
  findUniform(builder, main.body, set, exposed, uniform)
  const carried = [...set].filter(local => exposed.has(local))
  const reductions = new Map(
    carried.map(local => [local, gatheringOf(main.body, local, plainName(scope, local), fast)] as const),
  )
  return { ...builder, reductions }
}

function hasJumps(body: readonly Stmt[]): boolean {
  let found = false
  visitStmts(body, stmt => {
    found ||= stmt.kind === 'break'
  })
  return found
}

const plainName = (scope: Scope, local: LocalId): string => (scope.locals[local]?.name ?? '?').replace(/\..*/, '')

/** Locals whose every value is the same in all rounds: those left when all others have been taken away. */
function findUniform(
  builder: Builder,
  body: readonly Stmt[],
  set: ReadonlySet<LocalId>,
  exposed: ReadonlySet<LocalId>,
  uniform: Set<LocalId>,
): void {
  for (const local of set) if (!exposed.has(local)) uniform.add(local)
  for (let size = -1; size !== uniform.size; ) {
    size = uniform.size
    visitUniform(builder, body, uniform, true)
  }
}

function visitUniform(builder: Builder, body: readonly Stmt[], uniform: Set<LocalId>, together: boolean): void {
  for (const stmt of body) {
    if (stmt.kind === 'set' && !(together && isUniform(builder, stmt.value))) uniform.delete(stmt.local)
    if (stmt.kind === 'for') {
      const same = isUniform(builder, stmt.from) && isUniform(builder, stmt.to)
      if (!same) uniform.delete(stmt.local)
      visitUniform(builder, stmt.body, uniform, together && same && !hasJumps(stmt.body))
    }
    if (stmt.kind === 'if') {
      visitUniform(builder, stmt.then, uniform, false)
      visitUniform(builder, stmt.else, uniform, false)
    }
    if (stmt.kind === 'block' || stmt.kind === 'loop') visitUniform(builder, stmt.body, uniform, false)
  }
}

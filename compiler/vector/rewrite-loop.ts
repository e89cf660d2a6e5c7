import type { Range } from '../analysis/interval.ts'
import { get, i32, op } from '../ir/build.ts'
import { mentions } from '../ir/control.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { localsSet, visitStmts } from '../ir/rewrite.ts'
import type { Scope } from '../ir/scope.ts'
import { type Builder, hoist } from './builder.ts'
import { isUniform, vectorOf } from './expressions.ts'
import { exposedReads, mayKeep } from './flow.ts'
import { checkNoneWaits } from './interleave.ts'
import type { LinearLoop } from './linear.ts'
import { narrowComparison } from './narrow-lanes.ts'
import { gatherLanes, isFastReduction, neutralLanes, type Reduction, reductionOf } from './reductions.ts'
import { refuse } from './refusal.ts'
import type { ForStmt } from './split.ts'
import { checkJumps, lastValues, runBody } from './statements.ts'
import { sharpRange } from './vertex-range.ts'

/** One main loop (split.ts) as a loop over groups of rounds. */

export interface LoopRequest {
  readonly scope: Scope
  readonly loop: LinearLoop
  readonly main: ForStmt
  readonly group: number
  readonly fast: boolean
  /** For each f32 local that gathers in the place of an f64 local: that one (fast-sums.ts). */
  readonly into: ReadonlyMap<LocalId, LocalId>
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

export function vectorLoop(request: LoopRequest): readonly Stmt[] {
  const builder = createBuilder(request)
  const { main, into } = request
  const set = localsSet(main.body)
  if (mentions(main.body, 'break', main.label)) refuse('the loop is left early')
  checkJumps(main.body, new Set([main.label]))
  runBody(builder, main.body)
  checkNoneWaits(builder)
  const body = builder.out
  const after = [...lastValues(builder, set)]
  const reductions = [...builder.reductions.values()].filter(({ local }) => builder.storage.has(local))
  const start = reductions.flatMap(one => startOf(builder, one))
  const finish = reductions.flatMap(one => finishOf(builder, one, into.get(one.local)))
  const step = main.step * request.group
  const rounds = reductions.some(isFastReduction)
    ? inBlocks(request, start, body, finish, step, reductions.some(isSingleSum) ? BLOCK_OF_SINGLES : BLOCK)
    : [...start, { ...main, step, body }, ...finish]
  const some = op('i32.lt_s', main.from, main.to)
  const then = [...builder.hoisted, ...rounds, ...after]
  return [
    { kind: 'set', local: main.local, value: main.from },
    { kind: 'if', test: some, then, else: [] },
  ]
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
  const neutral = hoist(builder, neutralLanes(type, reduction))
  return parts.flatMap(part =>
    part.kind === 'get' ? [{ kind: 'set', local: part.local, value: neutral } as Stmt] : [],
  )
}

const isSingleSum = (reduction: Reduction): boolean => isFastReduction(reduction) && reduction.op.startsWith('f32')

/** All lanes are gathered into the local, or as f64 into the one in whose place it gathers. */
function finishOf(builder: Builder, { local, op: name }: Reduction, into: LocalId | undefined): readonly Stmt[] {
  const out: Stmt[] = []
  const hold = (expr: Expr): Expr => {
    const own = builder.scope.local('r', expr.type)
    out.push({ kind: 'set', local: own, value: expr })
    return get(own, expr.type)
  }
  const all = gatherLanes(name, builder.storage.get(local)?.parts ?? [], hold)
  if (into === undefined) out.push({ kind: 'set', local, value: op(name, get(local, all.type), all) })
  else {
    const wide = name.replace('f32', 'f64') as OpName
    out.push({ kind: 'set', local: into, value: op(wide, get(into, 'f64'), op('f64.from_f32', all)) })
  }
  return out
}

function createBuilder(request: LoopRequest): Builder {
  const { scope, loop, main, group, fast, liveOutside } = request
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
    loop: { counter: loop.counter, isInvariant: loop.isInvariant },
    group,
    step: main.step,
    hoisted: [],
    hoistedAt: new Map(),
    values: new Map(),
    forms: new Map(),
    out: [],
    mask: undefined,
    shared: new Map(),
    uniform,
    reductions: new Map(),
    storage: new Map(),
    liveOutside,
    depth: 0,
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
    carried.map(local => [local, reductionOf(main.body, local, plainName(scope, local), fast)] as const),
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

import { get, not, op, when } from '../ir/build.ts'
import { mentions } from '../ir/control.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { bodies, localsIn, localsSet, substitute, visitStmts } from '../ir/rewrite.ts'
import { LANES, type VectorType } from '../ir/vector-types.ts'
import { type Builder, held, hold, kept, type LanesLoop, uniform, type Value, zip } from './builder.ts'
import { isLeave } from './exits.ts'
import { lanesOf, vectorOf, vectorTypeOf } from './expressions.ts'
import { pickOf } from './extremes.ts'
import { exposedReads } from './flow.ts'
import { every, extract, vop } from './make.ts'
import { maskOf } from './masks.ts'
import { BITS, placeOf, rawLoad, rawLoadable, storeValue } from './memory.ts'
import { narrowLanes, packedFor, packedLanes } from './narrow-lanes.ts'
import { conditionOf, pickVector, type Reduction } from './reductions.ts'
import { refuse } from './refusal.ts'
import { recordValue } from './split.ts'
import { forgetForms, groupLoop, isUniform } from './uniform.ts'
import { combineMasks, maskFor, numbersOf, select } from './widths.ts'

/**
 * Statements of a round as statements of a group. Conditions become masks (Allen, Kennedy, Porterfield & Warren,
 * Conversion of control dependence to data dependence, 1983); a loop whose rounds differ goes on until no lane is left
 * in it (Pharr & Mark, ispc, 2012).
 */

/** Runs statements; false where no lane comes to their end. */
export function runBody(builder: Builder, body: readonly Stmt[]): boolean {
  const outer = builder.rest
  for (const [at, stmt] of body.entries()) {
    builder.rest = outer && [...outer, body.slice(at + 1)]
    const goesOn = runStmt(builder, stmt)
    if (!goesOn) {
      builder.rest = outer
      return false
    }
    if (stmt.kind === 'if') leaveWhenEmpty(builder)
  }
  builder.rest = outer
  return true
}

function runStmt(builder: Builder, stmt: Stmt): boolean {
  switch (stmt.kind) {
    case 'set':
      runSet(builder, stmt)
      return true
    case 'store':
      storeValue(builder, stmt, lanesToStore(builder, stmt))
      return true
    case 'if':
      return runIf(builder, stmt)
    case 'block':
      return runBlock(builder, stmt)
    case 'loop':
      runLanesLoop(builder, stmt)
      return true
    case 'for':
      if (leavesEarly(stmt.body)) runLanesLoop(builder, stmt)
      else runFor(builder, stmt)
      return true
    case 'break':
    case 'continue':
      return false
    case 'exit':
      return runExit(builder, stmt)
    default:
      return refuse(`the loop has a ${stmt.kind}`, 'span' in stmt ? stmt.span : undefined)
  }
}

/** Bytes and 16-bit elements are computed in narrow lanes where they can, and packed. */
function lanesToStore(builder: Builder, { elem, index, value }: Extract<Stmt, { kind: 'store' }>): Value {
  if (BITS[elem] > 16 || Math.abs(placeOf(builder, index).stride) !== 1) return lanesOf(builder, value)
  const raw = value.kind === 'load' && BITS[value.elem] === BITS[elem] ? rawLoad(builder, value) : undefined
  if (raw) return raw
  const made = packedLanes(builder, value) ?? lanesOf(builder, value)
  return packedFor(made, builder.rangeOf(value), BITS[elem])
}

// ---- assignment

function runSet(builder: Builder, stmt: Extract<Stmt, { kind: 'set' }>): void {
  const { local, value } = stmt
  const reduction = builder.reductions.get(local)
  if (reduction) return gather(builder, reduction, value)
  if (builder.uniform.has(local)) {
    builder.out.push(stmt)
    builder.shared.clear()
    forgetForms(builder, local)
    return
  }
  const conditional = builder.mask !== undefined || builder.rest === undefined
  if (conditional && builder.forms.has(local)) materialise(builder, local)
  const followed = !conditional || (builder.mask === undefined && builder.fresh.has(local))
  recordValue({ loop: groupLoop(builder), values: builder.forms }, local, value, !followed)
  if (builder.forms.has(local)) {
    builder.values.delete(local)
    return
  }
  const made = narrowLoad(builder, value) ?? vectorOf(builder, value)
  builder.ranges.delete(local)
  if (!made.widened) return assign(builder, local, made)
  if (conditional) return assign(builder, local, numbersOf(builder, made))
  builder.ranges.set(local, builder.rangeOf(value))
  assign(builder, local, made)
}

const narrowLoad = (builder: Builder, value: Expr): Value | undefined =>
  value.kind === 'load' && rawLoadable(builder, value) ? narrowLanes(builder, value) : undefined

/** A local that was followed as a function of the counter becomes a vector. */
function materialise(builder: Builder, local: LocalId): void {
  const type = builder.scope.locals[local]?.type ?? 'i32'
  const value = vectorOf(builder, get(local, type))
  builder.forms.delete(local)
  write(builder, local, value)
}

function assign(builder: Builder, local: LocalId, value: Value): void {
  const old = builder.values.get(local)
  const { mask, lanesLoop } = builder
  const free = !mask || !old || (mask === lanesLoop?.active && lanesLoop.dead.has(local))
  write(builder, local, free ? value : select(builder, mask, alike(builder, value, old), alike(builder, old, value)))
}

/** A mask stays one only with another. */
const alike = (builder: Builder, value: Value, other: Value): Value =>
  other.mask && value.mask ? value : numbersOf(builder, value)

function write(builder: Builder, local: LocalId, value: Value): void {
  const own = builder.storage.get(local) ?? newStorage(builder, local, value)
  const fitting = fittingFor(builder, own, value)
  if (!fitting) return replaceStorage(builder, local, value)
  const parts = fitting.parts
  for (const [i, part] of own.parts.entries()) setPart(builder, part, parts[i] as Expr)
  builder.values.set(local, own)
}

function fittingFor(builder: Builder, own: Value, value: Value): Value | undefined {
  if (own.widened) return value.widened === own.widened ? value : undefined
  if (own.mask) return value.mask && maskFor(builder, value, own.type)
  return numbersOf(builder, value)
}

function replaceStorage(builder: Builder, local: LocalId, value: Value): void {
  if (!builder.rest) refuse('a condition becomes a number inside of a loop')
  builder.storage.delete(local)
  write(builder, local, value)
}

function newStorage(builder: Builder, local: LocalId, value: Value): Value {
  const name = builder.scope.locals[local]?.name ?? 'v'
  const parts = value.parts.map(() => get(builder.scope.local(name, value.type), value.type))
  const own: Value = { ...value, parts }
  builder.storage.set(local, own)
  return own
}

function setPart(builder: Builder, place: Expr, value: Expr): void {
  if (place.kind === 'get' && place !== value) builder.out.push({ kind: 'set', local: place.local, value })
}

/** `x = x op e` on the lanes of the accumulator. */
function gather(builder: Builder, reduction: Reduction, value: Expr): void {
  const type = vectorTypeOf(get(reduction.local, value.type))
  const old = builder.storage.get(reduction.local) ?? startGathering(builder, reduction, type)
  builder.values.set(reduction.local, old)
  const made = gathered(builder, reduction, value, old)
  const kept = builder.mask ? select(builder, builder.mask, made, old) : made
  for (const [i, part] of old.parts.entries()) setPart(builder, part, kept.parts[i] as Expr)
  builder.values.delete(reduction.local)
}

function gathered(builder: Builder, { local, pick, isTruth }: Reduction, value: Expr, old: Value): Value {
  const condition = isTruth && conditionOf(value, local)
  if (condition) return lanesOf(builder, op('i32.and', get(local, 'i32'), condition))
  const picked = pick && pickOf(value, local)
  if (!pick || !picked) return lanesOf(builder, value)
  const made = lanesOf(builder, picked.value)
  return zip(builder, old.type, [old, made], (a, b) => pickVector(old.type, pick, a, b))
}

function startGathering(builder: Builder, reduction: Reduction, type: VectorType): Value {
  const own = newStorage(builder, reduction.local, uniform(builder, type, every(type, 0)))
  return own
}

// ---- conditions

/** Where any round of the group would leave the loop, the main loop ends before the group. */
function runLeave(builder: Builder, stmt: Extract<Stmt, { kind: 'if' }>): boolean {
  if (builder.mask || builder.depth > 0 || !builder.rest) refuse('the loop is left from an inner place', stmt.span)
  const test = anyOf(builder, held(builder, maskOf(builder, stmt.test), 'm'))
  builder.out.push({ ...stmt, test })
  return true
}

function runIf(builder: Builder, stmt: Extract<Stmt, { kind: 'if' }>): boolean {
  if (isLeave(stmt, builder.leave)) return runLeave(builder, stmt)
  const outer = builder.mask
  const test = kept(builder, maskOf(builder, stmt.test), 'm')
  const yes = outer ? held(builder, combineMasks(builder, 'and', outer, test), 'm') : test
  const no = (): Value =>
    held(builder, outer ? combineMasks(builder, 'andnot', outer, test) : inverse(builder, test), 'm')
  builder.mask = yes
  builder.depth++
  const thenEnds = runBody(builder, stmt.then)
  const afterThen = builder.mask
  const needsElse = stmt.else.length > 0 || !thenEnds
  builder.mask = needsElse ? no() : undefined
  const elseEnds = runBody(builder, stmt.else)
  const afterElse = builder.mask
  builder.depth--
  if (thenEnds && elseEnds && afterThen === yes) {
    const changed = needsElse && stmt.else.length > 0 && jumps(stmt.else)
    builder.mask = changed ? refuse('a jump out of one of two arms') : outer
    return true
  }
  if (thenEnds && elseEnds) return refuse('a jump out of an inner condition')
  builder.mask = thenEnds ? afterThen : afterElse
  return thenEnds || elseEnds
}

const jumps = (body: readonly Stmt[]): boolean =>
  body.some(
    stmt =>
      stmt.kind === 'break' ||
      stmt.kind === 'continue' ||
      (stmt.kind === 'if' && (jumps(stmt.then) || jumps(stmt.else))),
  )

function inverse(builder: Builder, mask: Value): Value {
  const made = zip(builder, mask.type, [mask], part => vop(`${mask.type}.not`, part))
  return { ...made, mask: true }
}

/** All lanes that come here meet again at the end of the block. */
function runBlock(builder: Builder, stmt: Extract<Stmt, { kind: 'block' }>): boolean {
  const entry = builder.mask
  checkJumps(stmt.body, new Set([stmt.label]))
  builder.depth++
  runBody(builder, stmt.body)
  builder.depth--
  builder.mask = entry
  return true
}

/** Jumps inside go to these labels or to places inside: not out of a block that others stay in. */
export function checkJumps(body: readonly Stmt[], labels: ReadonlySet<string>): void {
  for (const stmt of body) {
    if ((stmt.kind === 'break' || stmt.kind === 'continue') && !labels.has(stmt.label)) refuse('a jump out of the loop')
    if (stmt.kind === 'if') for (const arm of bodies(stmt)) checkJumps(arm, labels)
    if (stmt.kind === 'block') checkJumps(stmt.body, new Set([stmt.label]))
    if (stmt.kind === 'loop' || stmt.kind === 'for') checkJumps(stmt.body, new Set([...labels, stmt.label]))
  }
}

/** Whether the body has a jump to a place outside of it, the end of its loop included. */
function leavesEarly(body: readonly Stmt[]): boolean {
  return jumpTargets(body).size > 0
}

function jumpTargets(body: readonly Stmt[]): Set<string> {
  const found = new Set<string>()
  const inside = new Set<string>()
  visitStmts(body, stmt => {
    if (stmt.kind === 'break' || stmt.kind === 'continue') found.add(stmt.label)
    if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for') inside.add(stmt.label)
  })
  for (const label of inside) found.delete(label)
  return found
}

/** Any lane that would leave the call makes the whole group do so. */
function runExit(builder: Builder, stmt: Extract<Stmt, { kind: 'exit' }>): boolean {
  if (!builder.mask) return refuse('the loop always leaves the call')
  builder.out.push({ kind: 'if', test: anyOf(builder, builder.mask), then: [stmt], else: [] })
  return false
}

function anyOf(builder: Builder, mask: Value): Expr {
  const all = mask.parts.reduce((a, b) => vop(`${mask.type}.or`, a, b))
  return hold(builder, vop(`${mask.type}.any_true`, all), 'any')
}

// ---- loops inside

function liveAfter(builder: Builder, local: LocalId): boolean {
  if (!builder.rest || builder.liveOutside.has(local)) return true
  return builder.rest.some(list => exposedReads(list).has(local))
}

/** Locals that the body sets get vectors of their own before it, and so do those that are followed by such a local. */
function settle(builder: Builder, body: readonly Stmt[]): ReadonlySet<LocalId> {
  const set = localsSet(body)
  const isStale = (form: Expr): boolean => [...localsIn(form)].some(local => set.has(local))
  for (const [local, form] of [...builder.forms]) if (isStale(form)) materialise(builder, local)
  for (const local of set) {
    if (builder.forms.has(local)) materialise(builder, local)
    const value = builder.values.get(local)
    builder.ranges.delete(local)
    if (value?.widened) replaceStorage(builder, local, numbersOf(builder, value))
    else if (value && value !== builder.storage.get(local)) write(builder, local, value)
  }
  return set
}

function runLanesLoop(builder: Builder, stmt: Extract<Stmt, { kind: 'loop' | 'for' }>): void {
  if (mentions(stmt.body, 'continue', stmt.label)) refuse('a `continue` in an inner loop')
  const targets = jumpTargets(stmt.body)
  const returns = targets.delete(stmt.label)
  if (returns && targets.size > 0) refuse('an inner loop is left to two places')
  if (stmt.kind === 'for') {
    checkUniform(builder, stmt)
    forgetForms(builder, stmt.local)
  }
  const set = settle(builder, stmt.body)
  const entry = builder.mask
  const dead = new Set([...set].filter(local => !liveAfter(builder, local)))
  const wide = [...set].some(local => /64$/.test(builder.scope.locals[local]?.type ?? ''))
  for (const local of set) if (!dead.has(local)) begin(builder, local)
  const parts = startActive(builder, entry, wide ? 'i64x2' : 'i32x4')
  const active: Value = { type: wide ? 'i64x2' : 'i32x4', parts, mask: true }
  const outer = { out: builder.out, rest: builder.rest, lanesLoop: builder.lanesLoop, fresh: builder.fresh }
  const loop: LanesLoop = { label: stmt.label, parts, active, dead, tested: false, depth: builder.depth }
  builder.shared.clear()
  Object.assign(builder, { out: [], rest: undefined, lanesLoop: loop, mask: active, fresh: new Set() })
  if (!runBody(builder, stmt.body)) refuse('a loop that never repeats')
  if (!loop.tested) refuse('a loop whose test is not at its top level')
  storeActive(builder, parts, builder.mask)
  const body = builder.out
  // lanes that left the loop for its end go on after it; those that left for a place further on do not
  Object.assign(builder, { ...outer, mask: returns ? entry : active })
  builder.shared.clear()
  builder.out.push({ ...stmt, body })
}

/** Lanes that leave a loop keep what they have: so there must be a vector to keep it from the first round on. */
function begin(builder: Builder, local: LocalId): void {
  if (builder.values.has(local) || builder.uniform.has(local) || builder.reductions.has(local)) return
  const type = vectorTypeOf(get(local, builder.scope.locals[local]?.type ?? 'i32'))
  write(builder, local, uniform(builder, type, every(type, 0)))
}

function startActive(builder: Builder, entry: Value | undefined, type: VectorType): readonly Expr[] {
  const first = entry ? maskFor(builder, entry, type) : uniform(builder, type, every(type, -1))
  return first.parts.map(part => {
    const local = builder.scope.local('active', type)
    builder.out.push({ kind: 'set', local, value: part })
    return get(local, type)
  })
}

/** After a test at the top level of a loop: out of it when no lane is left. */
function leaveWhenEmpty(builder: Builder): void {
  const { lanesLoop, mask } = builder
  if (!lanesLoop || !mask || mask === lanesLoop.active || builder.depth !== lanesLoop.depth) return
  lanesLoop.tested = true
  storeActive(builder, lanesLoop.parts, mask)
  const { active } = lanesLoop
  const type = active.type
  const now: Value = { type, parts: lanesLoop.parts, mask: true }
  lanesLoop.active = now
  builder.mask = now
  const leave: Stmt = { kind: 'break', label: lanesLoop.label }
  builder.out.push({ kind: 'if', test: not(anyOf(builder, now)), then: [leave], else: [] })
}

function storeActive(builder: Builder, parts: readonly Expr[], mask: Value | undefined): void {
  if (!mask || mask.parts === parts) return
  const fitting = maskFor(builder, mask, (parts[0] as Expr).type as VectorType)
  for (const [i, part] of parts.entries()) setPart(builder, part, fitting.parts[i] as Expr)
}

function checkUniform(builder: Builder, stmt: Extract<Stmt, { kind: 'for' }>): void {
  if (!builder.uniform.has(stmt.local) || !isUniform(builder, stmt.from) || !isUniform(builder, stmt.to))
    refuse('the rounds of the inner loop differ', stmt.span)
}

/** A loop that does the same rounds in all lanes. */
function runFor(builder: Builder, stmt: Extract<Stmt, { kind: 'for' }>): void {
  checkUniform(builder, stmt)
  settle(builder, stmt.body)
  const outer = { out: builder.out, rest: builder.rest, mask: builder.mask, fresh: builder.fresh }
  const exposed = exposedReads(stmt.body)
  const set = [...localsSet(stmt.body)]
  const fresh = new Set(set.filter(local => !exposed.has(local) && !liveAfter(builder, local)))
  builder.shared.clear()
  forgetForms(builder, stmt.local)
  Object.assign(builder, { out: [], rest: undefined, fresh })
  builder.depth++
  runBody(builder, stmt.body)
  builder.depth--
  const body = builder.out
  Object.assign(builder, outer)
  for (const local of fresh) builder.forms.delete(local)
  forgetForms(builder, stmt.local)
  builder.shared.clear()
  builder.out.push({ ...stmt, body })
}

// ---- after the loop

/** What the code after the loop reads: the values of the last round. */
export function lastValues(builder: Builder, set: ReadonlySet<LocalId>, from: Expr, leaves: boolean): readonly Stmt[] {
  const outer = builder.out
  const out: Stmt[] = []
  const forms: Stmt[] = []
  builder.out = out
  for (const local of set) {
    if (!builder.liveOutside.has(local) || builder.reductions.has(local) || builder.uniform.has(local)) continue
    const form = builder.forms.get(local)
    if (form) forms.push({ kind: 'set', local, value: atLastRound(builder, form) })
    else if (leaves) refuse(`a loop that is left early, and then \`${nameOf(builder, local)}\` is read`)
    else out.push({ kind: 'set', local, value: lastLane(builder, local) })
  }
  builder.out = outer
  if (!leaves || forms.length === 0) return [...out, ...forms]
  // a loop that is left in its first group has set nothing
  return [...out, when(op('i32.gt_s', get(builder.loop.counter, 'i32'), from), forms)]
}

function atLastRound({ loop, step }: Builder, form: Expr): Expr {
  const counter = get(loop.counter, 'i32')
  const back: Expr = {
    kind: 'op',
    type: 'i32',
    op: 'i32.sub',
    args: [counter, { kind: 'const', type: 'i32', value: step }],
  }
  return substitute(form, local => (local === loop.counter ? back : undefined))
}

const nameOf = (builder: Builder, local: LocalId): string =>
  (builder.scope.locals[local]?.name ?? '?').replace(/\..*/, '')

function lastLane(builder: Builder, local: LocalId): Expr {
  const value = builder.values.get(local)
  if (!value) return refuse(`\`${nameOf(builder, local)}\` is set in some rounds and read after the loop`)
  const { type, parts } = numbersOf(builder, value)
  return extract(parts.at(-1) as Expr, LANES[type] - 1)
}

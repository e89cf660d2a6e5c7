import type { Range } from '../analysis/interval.ts'
import { definitionRanges, type Ranges } from '../analysis/ranges.ts'
import type { Expr, Func, LocalId, Stmt } from '../ir/ir.ts'
import { bodies, children, localSet, rootExprs, visitExpr, visitStmts } from '../ir/rewrite.ts'
import { type Far, type FarLocals, farOf, NO_INDEX } from './narrow-far.ts'
import { createForms, type Forms, type LocalRep, repOf } from './narrow-forms.ts'
import { signSensitive } from './narrow-sign.ts'

/** What narrowing has decided. */
export interface Choice {
  readonly forms: Forms
  /** Locals held as i64 though their f64 might round: all that is asked of them is an index. */
  readonly far: FarLocals
  /** i32 locals read only as an index and in its bounds check: any negative number is as good as -1. */
  readonly indexOnly: ReadonlySet<LocalId>
}

/** Chooses the f64 locals that become integers. */
export function chooseNarrow(func: Func, ranges: Ranges): Choice {
  const defined = definitionRanges(func, ranges)
  const candidates = new Map<LocalId, LocalRep>()
  func.locals.forEach(({ type }, local) => {
    const rep = type === 'f64' && local >= func.params.length ? repOf(defined.get(local) as Range) : undefined
    if (rep) candidates.set(local, rep)
  })
  dropSigned(func, ranges, defined, candidates)
  return { ...keepWorthwhile(func, ranges, defined, candidates), indexOnly: indexLocals(func) }
}

/** Drops locals whose zeros have a sign that is looked at. */
function dropSigned(
  func: Func,
  ranges: Ranges,
  defined: ReadonlyMap<LocalId, Range>,
  candidates: Map<LocalId, LocalRep>,
): void {
  for (let changed = true; changed; ) {
    changed = false
    const sensitive = signSensitive(func.body, ranges, local => !candidates.has(local))
    for (const local of candidates.keys()) {
      if (defined.get(local)?.negZero && sensitive.has(local)) changed = candidates.delete(local)
    }
  }
}

// ---- modulo 2^32

/** Integers that need i64 become i32 where nobody looks beyond the low 32 bits: as long as all candidates stay. */
function withModular(func: Func, ranges: Ranges, candidates: ReadonlyMap<LocalId, LocalRep>): Map<LocalId, LocalRep> {
  const reps = new Map(candidates)
  const modular = new Set([...candidates].filter(([, rep]) => rep === 'i64').map(([local]) => local))
  if (modular.size === 0) return reps
  for (let size = -1; size !== modular.size; ) {
    size = modular.size
    const forms = createForms(ranges, candidates)
    visitStmts(func.body, stmt => {
      const low = stmt.kind === 'set' && (modular.has(stmt.local) || isNarrow(candidates.get(stmt.local)))
      for (const expr of rootExprs(stmt)) keepModular(expr, low && forms.of(expr) !== undefined, forms, modular)
    })
  }
  for (const local of modular) reps.set(local, 'mod')
  return reps
}

const isNarrow = (rep: LocalRep | undefined): boolean => rep === 'i32' || rep === 'u32'

/** Drops locals that are read where more than the low bits count. `low`: only the low bits of this value count. */
function keepModular(expr: Expr, low: boolean, forms: Forms, modular: Set<LocalId>): void {
  if (expr.kind === 'get') {
    const form = forms.of(expr)
    if (!low && form !== 'i32' && form !== 'u32') modular.delete(expr.local)
    return
  }
  children(expr).forEach((child, position) => {
    keepModular(child, forms.of(child) !== undefined && isLow(expr, position, low), forms, modular)
  })
}

function isLow(parent: Expr, position: number, low: boolean): boolean {
  if (parent.kind === 'cond') return low && position > 0
  if (parent.kind !== 'op') return false
  if (parent.op === 'f64.select') return low && position > 0
  if (/^f64\.(add|sub|mul|neg)$/.test(parent.op)) return low
  return parent.op === 'i32.from_f64_js'
}

// ---- what pays

const ROUNDS = 6

/** Drops locals that cost more conversions than they save, until no more go. */
function keepWorthwhile(
  func: Func,
  ranges: Ranges,
  defined: ReadonlyMap<LocalId, Range>,
  candidates: Map<LocalId, LocalRep>,
): Pick<Choice, 'forms' | 'far'> {
  for (let round = 0; ; round++) {
    const forms = createForms(ranges, withModular(func, ranges, candidates))
    const far = chooseFar(func, forms)
    const before = candidates.size
    for (const [local, score] of scores(func, { forms, far }, candidates)) {
      if (score.gain < score.floats || (score.gain === 0 && score.floats === 0 && !score.uses)) candidates.delete(local)
    }
    if (candidates.size === before) return { forms, far }
    dropSigned(func, ranges, defined, candidates)
    if (round === ROUNDS) candidates.clear()
  }
}

interface Score {
  gain: number
  /** Costliest read as a float; the others share its conversion. */
  floats: number
  uses: boolean
}

type Integers = Pick<Choice, 'forms' | 'far'>

function scores(func: Func, integers: Integers, candidates: ReadonlyMap<LocalId, LocalRep>): Map<LocalId, Score> {
  const result = new Map<LocalId, Score>()
  for (const local of candidates.keys()) result.set(local, { gain: 0, floats: 0, uses: false })
  score(func.body, 1, integers, result)
  return result
}

const DEEPEST = 512

function score(body: readonly Stmt[], weight: number, integers: Integers, scores: Map<LocalId, Score>): void {
  for (const stmt of body) {
    const target = stmt.kind === 'set' ? scores.get(stmt.local) : undefined
    if (target && stmt.kind === 'set') {
      const formed = integers.forms.of(stmt.value) !== undefined
      target.gain += !formed ? -2 * weight : stmt.value.kind === 'const' ? 0 : weight
      scoreUses(stmt.value, formed, weight, integers, scores)
    } else {
      const toFar = stmt.kind === 'set' && integers.far.has(stmt.local)
      for (const expr of rootExprs(stmt)) scoreUses(expr, toFar, weight, integers, scores)
    }
    const inner = stmt.kind === 'loop' || stmt.kind === 'for' ? Math.min(weight * 8, DEEPEST) : weight
    for (const one of bodies(stmt)) score(one, inner, integers, scores)
  }
}

function scoreUses(
  expr: Expr,
  integer: boolean,
  weight: number,
  integers: Integers,
  scores: Map<LocalId, Score>,
): void {
  if (expr.kind === 'get') {
    const found = scores.get(expr.local)
    if (!found) return
    if (integer) {
      found.gain += 2 * weight
      found.uses = true
    } else found.floats = Math.max(found.floats, weight)
    return
  }
  const inside = expr.type === 'f64' ? isInteger(expr, integer, integers) : takesIntegers(expr, integers.forms)
  for (const child of children(expr)) scoreUses(child, inside, weight, integers, scores)
}

/** Far numbers are computed in integers only where integers are asked for. */
function isInteger(expr: Expr, asked: boolean, { forms, far }: Integers): boolean {
  return forms.of(expr) !== undefined || (asked && farOf(forms, far, expr) !== undefined)
}

/** Conversions and comparisons that work on the integers themselves. */
function takesIntegers(expr: Expr, forms: Forms): boolean {
  if (expr.kind !== 'op') return false
  if (/^f64\.(eq|ne|lt|le|gt|ge)$/.test(expr.op)) return expr.args.every(arg => forms.of(arg) !== undefined)
  return /^i32\.(from_f64_js|index_f64|trunc_sat_|clamp_u8)/.test(expr.op)
}

// ---- locals beyond 2^53 that only serve as indices

function chooseFar(func: Func, forms: Forms): FarLocals {
  const found = farDefinitions(func, forms)
  for (let size = -1; size !== found.size; ) {
    size = found.size
    const reads = new Map<LocalId, number>()
    const accepted = new Map<LocalId, number>()
    visitStmts(func.body, stmt => {
      for (const root of rootExprs(stmt)) countFarReads(root, stmt, forms, found, reads, accepted)
    })
    for (const local of found.keys()) if (reads.get(local) !== accepted.get(local)) found.delete(local)
    dropUndefined(func, forms, found)
  }
  return found
}

/** Locals all of whose values are far: in program order, so that what a value is made of comes first. */
function farDefinitions(func: Func, forms: Forms): Map<LocalId, Far> {
  const found = new Map<LocalId, Far>()
  const never = new Set<LocalId>()
  visitStmts(func.body, stmt => {
    const local = stmt.kind === 'set' ? stmt.local : undefined
    if (local === undefined || stmt.kind !== 'set' || !isOpen(func, forms, local)) return
    const far = farOf(forms, found, stmt.value)
    if (!far || never.has(local)) {
      never.add(local)
      found.delete(local)
    } else found.set(local, widest(found.get(local), far))
  })
  return found
}

const isOpen = (func: Func, forms: Forms, local: LocalId): boolean =>
  func.locals[local]?.type === 'f64' && local >= func.params.length && !forms.reps.has(local)
const widest = (a: Far | undefined, b: Far): Far =>
  a ? { by: Math.min(a.by, b.by), most: Math.max(a.most, b.most) } : b

/**
 * A local that was dropped takes along those made of it. One whose values are larger than was found, now that all its
 * sets are known, is made of itself (`z = z * c` in a loop), or of a local that is set again later: no limit is sure.
 */
function dropUndefined(func: Func, forms: Forms, found: Map<LocalId, Far>): void {
  visitStmts(func.body, stmt => {
    const known = stmt.kind === 'set' ? found.get(stmt.local) : undefined
    const far = known && stmt.kind === 'set' ? farOf(forms, found, stmt.value) : undefined
    if (known && stmt.kind === 'set' && !(far && isWithin(far, known))) found.delete(stmt.local)
    const other = localSet(stmt)
    if (stmt.kind !== 'set' && other !== undefined) found.delete(other)
  })
}

const isWithin = (far: Far, known: Far): boolean => far.by >= known.by && far.most <= known.most

function countFarReads(
  root: Expr,
  stmt: Stmt,
  forms: Forms,
  found: FarLocals,
  reads: Map<LocalId, number>,
  accepted: Map<LocalId, number>,
): void {
  const count = (expr: Expr, into: Map<LocalId, number>): void => {
    if (expr.kind === 'get' && found.has(expr.local)) into.set(expr.local, (into.get(expr.local) ?? 0) + 1)
  }
  visitExpr(root, node => count(node, reads))
  const accept = (expr: Expr): void => farOperands(expr, forms).forEach(operand => count(operand, accepted))
  if (stmt.kind === 'set' && found.has(stmt.local)) accept(root)
  visitExpr(root, node => {
    if (node.kind === 'op' && isFarIndex(forms, found, node)) node.args.forEach(accept)
  })
}

/** What `wideFar` computes in i64: not what stands inside a part that is an integer by itself, as `(x | 0) + 1`. */
function farOperands(expr: Expr, forms: Forms): readonly Expr[] {
  if (expr.kind === 'get') return [expr]
  if (expr.kind !== 'op' || forms.of(expr) || !/^f64\.(add|sub|mul)$/.test(expr.op)) return []
  return expr.args.flatMap(arg => farOperands(arg, forms))
}

/** `index_f64` of a far number. */
export function isFarIndex(forms: Forms, found: FarLocals, expr: Expr): boolean {
  if (expr.kind !== 'op' || expr.op !== 'i32.index_f64') return false
  const [arg] = expr.args
  const far = arg && !forms.of(arg) ? farOf(forms, found, arg) : undefined
  return far !== undefined && far.by >= NO_INDEX
}

// ---- index locals

function indexLocals(func: Func): ReadonlySet<LocalId> {
  const other = new Set<LocalId>()
  visitStmts(func.body, stmt => {
    for (const [position, root] of rootExprs(stmt).entries()) {
      const isIndex = position === 0 && (stmt.kind === 'store' || stmt.kind === 'listset')
      visitReads(root, isIndex, other)
    }
  })
  return new Set(func.locals.flatMap(({ type }, local) => (type === 'i32' && !other.has(local) ? [local] : [])))
}

function visitReads(expr: Expr, asIndex: boolean, other: Set<LocalId>): void {
  if (expr.kind === 'get' && !asIndex) other.add(expr.local)
  children(expr).forEach((child, position) => {
    visitReads(child, isIndexPosition(expr, position), other)
  })
}

/** Whether a child stands where any negative number means "no element". */
export function isIndexPosition(parent: Expr, position: number): boolean {
  if (parent.kind === 'load' || parent.kind === 'listget') return true
  if (parent.kind !== 'op' || position !== 0) return false
  const bound = parent.args[1]
  return (parent.op === 'i32.lt_u' || parent.op === 'i32.ge_u') && (bound?.kind === 'len' || bound?.kind === 'listlen')
}

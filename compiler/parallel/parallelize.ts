import { diagnostic, type Span } from '../../base/diagnostic.ts'
import { type Aliases, aliasesOf } from '../ir/alias.ts'
import { call, get, i32, op } from '../ir/build.ts'
import { nodeCost } from '../ir/cost.ts'
import { memoryEffects } from '../ir/effects.ts'
import type { Expr, Func, LocalId, Module, Param, Region, Stmt } from '../ir/ir.ts'
import { primitiveReads, primitiveWrites } from '../ir/primitives.ts'
import { renameLabels, renameLocals } from '../ir/rename.ts'
import {
  bodies,
  flatMapBody,
  localsSet,
  localsUsed,
  mapBodies,
  rootExprs,
  visitExpr,
  visitStmts,
} from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { isArray, isScalar, type Type } from '../ir/types.ts'
import type { Pass, PassContext } from '../passes/pass.ts'
import { exposedReads } from '../vector/flow.ts'
import type { ForStmt } from '../vector/split.ts'
import { guardsOf } from './independence.ts'
import { type Gathering, gatheringOf, isWorthOrdering } from './reduction.ts'
import { NotParallel, refuse } from './refusal.ts'

/**
 * Outlines the outermost counted loops of the entry whose rounds are independent: the loop becomes a function of the
 * range that it runs over, which is called for the whole range, or by several threads for parts of it (a *region*; the
 * emitter and the host do the rest). Read as IR, the call runs the whole range.
 *
 * Requires: a valid module, after `inline` (calls within loops are not looked into).
 * Keeps: every bit: rounds that write to memory touch elements of their own, and what is gathered is gathered so that
 * the order does not matter, or in order.
 */
export interface ParallelOptions {
  readonly math: 'strict' | 'fast'
  /** Work below which a loop is not worth asking other threads, in operations; default {@link GRAIN}. */
  readonly grain?: number
}

/** Ten microseconds and more: a fraction of what it takes to wake a thread. */
const GRAIN = 40_000
/** Rounds that an inner loop is taken to have. */
const INNER_ROUNDS = 16
/** A frame for live values is that large (see CONTEXT). */
const MOST_VALUES = 60

/** `isLast`: after the vectoriser, when fast sums have their order. */
export const parallelize = (options: ParallelOptions, isLast: boolean): Pass => ({
  name: isLast ? 'parallelize sums' : 'parallelize',
  run: (module, context) => run(module, options, isLast, context),
})

function run(module: Module, options: ParallelOptions, isLast: boolean, context: PassContext): Module {
  const entry = module.funcs.find(func => func.name === module.entry)
  if (!entry) return module
  const outliner = new Outliner(module, entry, options, isLast, context)
  const body = outliner.visit(entry.body)
  if (outliner.made.length === 0) return module
  const changed = outliner.scope.finish(body)
  const funcs = module.funcs.map(func => (func === entry ? changed : func))
  return {
    ...module,
    funcs: [...funcs, ...outliner.made.flatMap(made => made.funcs)],
    regions: [...(module.regions ?? []), ...outliner.made.map(({ region }) => region)],
  }
}

interface Made {
  readonly funcs: readonly Func[]
  readonly region: Region
}

class Outliner {
  readonly made: Made[] = []
  readonly scope: Scope
  readonly #module: Module
  readonly #entry: Func
  readonly #options: ParallelOptions
  readonly #isLast: boolean
  readonly #context: PassContext

  constructor(module: Module, entry: Func, options: ParallelOptions, isLast: boolean, context: PassContext) {
    this.#module = module
    this.#entry = entry
    this.#options = options
    this.#isLast = isLast
    this.#context = context
    this.scope = openScope(entry)
  }

  visit(body: readonly Stmt[]): readonly Stmt[] {
    return flatMapBody(body, stmt => {
      if (stmt.kind !== 'for') return mapBodies(stmt, inner => this.visit(inner))
      try {
        const made = this.#outline(stmt)
        this.#context.remark(diagnostic('IRIS7003', { how: 'its rounds are shared among threads' }, stmt.span))
        return made
      } catch (error) {
        if (!(error instanceof NotParallel)) throw error
        this.#tell(error.message, error.span ?? stmt.span)
        return mapBodies(stmt, inner => this.visit(inner))
      }
    })
  }

  /** Once for each loop: the last pass looks at loops that the vectoriser has made of others. */
  #tell(reason: string, span: Span | undefined): void {
    if (!this.#isLast) this.#context.remark(diagnostic('IRIS7004', { reason }, span))
  }

  #outline(loop: ForStmt): readonly Stmt[] {
    const aliases = aliasesOf(this.#module, this.#entry)
    checkStatements(loop, aliases)
    const gathering = this.#gathering(loop)
    if (this.#isLast && !gathering?.isOrdered) refuse('it was looked at before')
    const [from, to] = [this.scope.local('from', 'i32'), this.scope.local('to', 'i32')]
    const lastRound = this.#needsLastRound(loop, gathering)
    const guards = guardsOf(loop, from, to, aliases, local => this.#nameOf(local))
    const name = `par.${this.#module.regions?.length ?? 0}.${this.made.length}`
    const live = this.#liveIn(loop, gathering)
    const func = this.#function(name, loop, live, gathering)
    const gather = gathering ? [gatherFunction(name, gathering, typeOf(this.#entry, gathering.local))] : []
    this.made.push({ funcs: [func, ...gather], region: regionOf(name, loop, gathering) })
    return this.#calls(loop, { name, from, to, live, gathering, guards, lastRound })
  }

  #gathering(loop: ForStmt): Gathering | undefined {
    const exposed = exposedReads(loop.body)
    const carried = [...localsSet(loop.body)].filter(local => exposed.has(local))
    if (carried.length > 1)
      refuse(`${carried.map(local => `\`${this.#nameOf(local)}\``).join(' and ')} carry values`, loop.span)
    const [local] = carried
    if (local === undefined) return undefined
    const gathering = gatheringOf(loop.body, local, this.#nameOf(local))
    if (!gathering.isOrdered) return gathering
    // in fast mode the vectoriser decides about the order first
    if (this.#options.math === 'fast' && !this.#isLast) refuse(`\`${this.#nameOf(local)}\` is summed`)
    if (!isWorthOrdering(loop.body)) refuse(`the sum \`${this.#nameOf(local)}\` keeps its order`, loop.span)
    return gathering
  }

  /** Values of the last round that are read after the loop: then that round runs on the caller, as it was written. */
  #needsLastRound(loop: ForStmt, gathering: Gathering | undefined): boolean {
    const set = localsSet(loop.body)
    const outside = localsUsed(without(this.#entry.body, loop))
    const wanted = [...set].filter(local => local !== gathering?.local && outside.has(local))
    for (const local of wanted) {
      const last: Stmt = { kind: 'return', value: get(local, typeOf(this.#entry, local)) }
      if (exposedReads([{ kind: 'block', label: loop.label, body: loop.body }, last]).has(local))
        refuse(`\`${this.#nameOf(local)}\` is read after the loop and not set in every round`, loop.span)
    }
    return wanted.length > 0
  }

  #liveIn(loop: ForStmt, gathering: Gathering | undefined): readonly LocalId[] {
    const own = localsSet(loop.body).add(loop.local)
    if (gathering) own.delete(gathering.local)
    const live = [...localsUsed(loop.body)].filter(local => !own.has(local) && local !== gathering?.local)
    if (live.length > MOST_VALUES) refuse('it uses too many values from outside', loop.span)
    if (live.some(local => !isScalar(typeOf(this.#entry, local)) && !isArray(typeOf(this.#entry, local))))
      refuse('it uses lists', loop.span)
    return live
  }

  /** (lo, hi, live values …, what is gathered so far) */
  #function(name: string, loop: ForStmt, live: readonly LocalId[], gathering: Gathering | undefined): Func {
    const aliases = aliasesOf(this.#module, this.#entry)
    const numbers = new Map<LocalId, LocalId>()
    const params: Param[] = [
      { name: 'lo', type: 'i32' },
      { name: 'hi', type: 'i32' },
    ]
    const given = gathering ? [...live, gathering.local] : live
    for (const local of given) {
      const { name: own, type } = this.scope.locals[local]!
      numbers.set(local, params.length)
      params.push({ name: own, type, ...(isArray(type) && { group: aliases.classOf(local) }) })
    }
    const locals = params.map(({ name: own, type }) => ({ name: own, type }))
    const rename = (local: LocalId): LocalId => {
      const known = numbers.get(local)
      if (known !== undefined) return known
      const number = locals.push(this.scope.locals[local]!) - 1
      numbers.set(local, number)
      return number
    }
    const whole: Stmt = { ...loop, from: get(0, 'i32'), to: get(1, 'i32') }
    const [renamed] = renameLocals([{ ...whole, from: i32(0), to: i32(0) }], rename)
    const own: Stmt = { ...(renamed as ForStmt), from: whole.from, to: whole.to }
    const result = gathering ? typeOf(this.#entry, gathering.local) : 'void'
    const end: readonly Stmt[] = gathering
      ? [{ kind: 'return', value: get(numbers.get(gathering.local)!, typeOf(this.#entry, gathering.local)) }]
      : []
    return { name, params, locals, result, body: [own, ...end] }
  }

  #calls(
    loop: ForStmt,
    given: {
      readonly name: string
      readonly from: LocalId
      readonly to: LocalId
      readonly live: readonly LocalId[]
      readonly gathering: Gathering | undefined
      readonly guards: readonly Expr[]
      readonly lastRound: boolean
    },
  ): readonly Stmt[] {
    const { name, from, to, live, gathering, guards, lastRound } = given
    const at = (local: LocalId): Expr => get(local, typeOf(this.#entry, local))
    const own = (local: LocalId): Expr => get(local, 'i32')
    const args = [own(from), own(to), ...live.map(at), ...(gathering ? [at(gathering.local)] : [])]
    const least = Math.max(1, Math.ceil((this.#options.grain ?? GRAIN) / costOfBody(loop.body)))
    const span = op('i64.sub', long(own(to)), long(own(from)))
    const isLong = op('i64.ge_s', span, { kind: 'const', type: 'i64', value: BigInt(least * loop.step) })
    const isNear = op('i64.le_s', span, { kind: 'const', type: 'i64', value: 2n ** 30n })
    const isFit = [isNear, ...guards].reduce((a, b) => op('i32.and', a, b), isLong)
    const part: Stmt[] = [call(name, args, gathering?.local)]
    const original: Stmt = this.#relabelled({ ...loop, from: own(from), to: own(to) })
    const rounds = op('i32.div_s', op('i32.sub', op('i32.sub', own(to), own(from)), i32(1)), i32(loop.step))
    const last = op('i32.add', own(from), op('i32.mul', rounds, i32(loop.step)))
    const ends: Stmt[] = lastRound
      ? [
          { kind: 'set', local: from, value: last },
          { ...loop, from: own(from), to: own(to) },
        ]
      : [{ kind: 'set', local: loop.local, value: op('i32.add', last, i32(loop.step)) }]
    const shortened = lastRound ? [own(from), last, ...args.slice(2)] : args
    const shared: Stmt[] = lastRound ? [call(name, shortened, gathering?.local)] : part
    return [
      { kind: 'set', local: from, value: loop.from },
      { kind: 'set', local: to, value: loop.to },
      { kind: 'if', test: isFit, then: [...shared, ...ends], else: [original] },
    ]
  }

  #relabelled(loop: ForStmt): Stmt {
    const names = new Map<string, string>()
    visitStmts([loop], stmt => {
      if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for')
        names.set(stmt.label, this.scope.label(stmt.label))
    })
    const rename = (label: string): string => names.get(label) ?? label
    const [made] = renameLabels([loop], rename)
    return made!
  }

  #nameOf(local: LocalId): string {
    return (this.scope.locals[local]?.name ?? '?').replace(/\..*/, '')
  }
}

const long = (value: Expr): Expr => op('i64.from_i32_s', value)
const typeOf = (func: Func, local: LocalId) => func.locals[local]!.type

function regionOf(name: string, { step }: ForStmt, gathering: Gathering | undefined): Region {
  if (!gathering) return { func: name, step }
  const { neutral, isOrdered } = gathering
  return { func: name, step, gathers: { func: `${name}.gather`, neutral, isOrdered } }
}

/** What gathers one part into what is gathered so far. */
function gatherFunction(name: string, { op: combine }: Gathering, type: Type): Func {
  const params: Param[] = [
    { name: 'all', type },
    { name: 'part', type },
  ]
  const value = op(combine, get(0, type), get(1, type))
  return { name: `${name}.gather`, params, locals: params, result: type, body: [{ kind: 'return', value }] }
}

const ALLOWED = new Set([
  'set',
  'store',
  'vstore',
  'primitive',
  'if',
  'block',
  'loop',
  'for',
  'break',
  'continue',
  'exit',
])

/** Views and functions of the kernel library see elements that `guardsOf` does not: so they may only look at what no round writes. */
function checkViews(loop: ForStmt, aliases: Aliases): void {
  const written = new Set<number>()
  visitStmts(loop.body, stmt => {
    for (const one of memoryEffects(stmt, aliases).writes) written.add(one)
  })
  const isWritten = (array: LocalId): boolean => written.has(aliases.classOf(array))
  visitStmts(loop.body, stmt => {
    if (stmt.kind === 'set' && !isScalar(stmt.value.type) && (!isArray(stmt.value.type) || isWritten(stmt.local)))
      refuse('it makes views of arrays that it writes', loop.span)
    if (stmt.kind === 'primitive' && [...primitiveReads(stmt), ...primitiveWrites(stmt)].some(isWritten))
      refuse(`\`${stmt.name}\` works on an array that it writes`, loop.span)
  })
}

function checkStatements(loop: ForStmt, aliases: Aliases): void {
  checkViews(loop, aliases)
  const labels = new Set<string>()
  visitStmts(loop.body, stmt => {
    if (!ALLOWED.has(stmt.kind)) refuse(`it holds a statement of the kind ${stmt.kind}`, loop.span)
    if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for') labels.add(stmt.label)
  })
  visitStmts(loop.body, stmt => {
    const leaves = stmt.kind === 'break' || stmt.kind === 'continue' ? stmt.label : undefined
    if (leaves === undefined || labels.has(leaves)) return
    if (stmt.kind === 'continue' && leaves === loop.label) return
    refuse('it is left early', loop.span)
  })
}

/** The function's body without this loop. */
function without(body: readonly Stmt[], loop: Stmt): readonly Stmt[] {
  return flatMapBody(body, stmt => (stmt === loop ? [] : mapBodies(stmt, inner => without(inner, loop))))
}

/** What a function of the kernel library is taken to cost; how many elements it gets is not known. */
const PRIMITIVE_COST = 200

/** Operations of one round, roughly. */
function costOfBody(body: readonly Stmt[]): number {
  let cost = 1
  for (const stmt of body) {
    if (stmt.kind === 'primitive') cost += PRIMITIVE_COST
    for (const expr of rootExprs(stmt)) visitExpr(expr, node => void (cost += nodeCost(node)))
    const inner = bodies(stmt).reduce((sum, each) => sum + costOfBody(each), 0)
    cost += inner * (stmt.kind === 'for' || stmt.kind === 'loop' ? INNER_ROUNDS : 1)
  }
  return cost
}

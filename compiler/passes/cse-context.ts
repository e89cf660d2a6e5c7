import { type Effects, loopEffects } from '../ir/effects.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import {
  assignVersions,
  copyVersions,
  createValues,
  initialVersions,
  mergeVersions,
  type ValueNumber,
  type Values,
  type Versions,
} from './cse-values.ts'

/** What common subexpression elimination knows while it walks a function in the order of execution. */

/** The first place that computes a value: it gets a local when another place wants it too. */
export interface Candidate {
  readonly node: Expr
  temp: LocalId | undefined
}

interface LabelState {
  readonly label: string
  /** What holds where the jumps to the end of this statement meet. */
  merged: Versions | undefined
  /** Knowledge gained after the first such jump does not hold at the end. */
  mark: number
}

export interface Context {
  readonly values: Values
  readonly scope: Scope
  readonly versions: Versions
  readonly effects: ReadonlyMap<Stmt, Effects>
  /** Locals that were given each value; those that were set since are told by `versions`. */
  readonly holders: Map<ValueNumber, LocalId[]>
  /** Tests whose answer is known here. */
  readonly known: Map<ValueNumber, boolean>
  /** Values computed on every way here. */
  readonly available: Map<ValueNumber, Candidate>
  /** First places whose value was wanted again. */
  readonly wanted: Map<Expr, Candidate>
  /** Numbers of the expressions of the statement at hand. */
  readonly memo: Map<Expr, ValueNumber>
  readonly undo: (() => void)[]
  readonly labels: LabelState[]
  reachable: boolean
  changed: boolean
}

export function createContext(module: Module, func: Func): Context {
  const values = createValues(module, func)
  const versions = initialVersions(func, values)
  const context: Context = {
    values,
    scope: openScope(func),
    versions,
    effects: loopEffects(func.body, values.aliases),
    holders: new Map(),
    known: new Map(),
    available: new Map(),
    wanted: new Map(),
    memo: new Map(),
    undo: [],
    labels: [],
    reachable: true,
    changed: false,
  }
  return context
}

export function hold(context: Context, local: LocalId, value: ValueNumber): void {
  context.versions.locals[local] = value
  const holders = context.holders.get(value)
  if (!holders) context.holders.set(value, [local])
  else if (!holders.includes(local)) holders.push(local)
}

/** The local that has held this value longest and still does. */
export function leader(context: Context, value: ValueNumber): LocalId | undefined {
  const { locals } = context.versions
  return context.holders.get(value)?.find(local => locals[local] === value)
}

export function remember<V>(context: Context, map: Map<ValueNumber, V>, key: ValueNumber, value: V): void {
  if (map.has(key)) return
  map.set(key, value)
  context.undo.push(() => map.delete(key))
}

/** Forgets what was remembered since the log had this length. */
export function forgetTo(context: Context, mark: number): void {
  while (context.undo.length > mark) context.undo.pop()?.()
  for (const label of context.labels) label.mark = Math.min(label.mark, mark)
}

/** Runs `walk` and forgets what it learnt. */
export function scoped<T>(context: Context, walk: () => T): T {
  const mark = context.undo.length
  const result = walk()
  forgetTo(context, mark)
  return result
}

/** Anything may have happened to these locals and classes. */
export function havoc({ versions, values }: Context, { sets, writes, resizes }: Effects): void {
  for (const local of sets) versions.locals[local] = values.fresh()
  for (const one of writes) versions.elements[one] = values.fresh()
  for (const one of resizes) versions.lengths[one] = values.fresh()
}

/** Walks the body of a labelled statement; afterwards the jumps to its end and `ending` meet. */
export function labelled<T>(context: Context, label: string, walk: () => T): T {
  const state: LabelState = { label, merged: undefined, mark: Number.POSITIVE_INFINITY }
  context.labels.push(state)
  const result = walk()
  context.labels.pop()
  if (!state.merged) return result
  forgetTo(context, state.mark)
  if (context.reachable) mergeVersions(context.versions, state.merged, context.values)
  else assignVersions(context.versions, state.merged)
  context.reachable = true
  return result
}

/** A jump to the end of the statement with this label. */
export function jump(context: Context, label: string): void {
  context.reachable = false
  const state = context.labels.findLast(one => one.label === label)
  if (!state) return
  state.mark = Math.min(state.mark, context.undo.length)
  if (state.merged) mergeVersions(state.merged, context.versions, context.values)
  else state.merged = copyVersions(context.versions)
}

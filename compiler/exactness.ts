import type { CallPlan, Input, PassTiming } from './abi.ts'
import type { Expr, Func, LocalId, Module, Stmt } from './ir/ir.ts'
import { bodies, localSet, localsIn, rootExprs, visitAllExprs, visitExpr, visitStmts } from './ir/rewrite.ts'
import { FEWEST_ROUNDS } from './vector/group.ts'

/** Whether code works on several elements at a time. */
export function isVectorCode(module: Module): boolean {
  let found = false
  for (const func of module.funcs) {
    visitStmts(func.body, stmt => void (found ||= stmt.kind === 'vstore'))
    visitAllExprs(func.body, expr => void (found ||= expr.kind === 'vload' || expr.kind === 'vop'))
  }
  return found
}

/** How code compiled with `math: 'fast'` relates to the bits of JavaScript, so that calls may run in either. */
export interface Exactness {
  readonly isInexact: boolean
  /** Inexact, but not for calls whose arrays among the arguments are all shorter than this. */
  readonly exactBelow?: number
}

/**
 * Code surely gives the bits of JavaScript when it calls no function of kernels/, computes nothing in f32 that was f64,
 * contracts nothing, and gathers no floats in lanes. Where it does gather, short loops are summed in order all the same
 * (see fast-sums.ts), and a loop that loads its rounds' elements from an argument has no more rounds than that has.
 */
export function exactnessOf(
  module: Module,
  passes: readonly PassTiming[],
  { inputs }: Pick<CallPlan, 'inputs'>,
): Exactness {
  const isChanged = passes.some(({ pass, changed }) => changed && INEXACT.includes(pass))
  if (isChanged || module.funcs.some(callsKernels)) return { isInexact: true }
  const gathering = module.funcs.filter(func => gathered(func).size > 0)
  if (gathering.length === 0) return { isInexact: false }
  const [func, ...others] = gathering
  const isBounded = others.length === 0 && func!.name === module.entry && sumsElements(func!, argumentsOf(inputs))
  return { isInexact: true, ...(isBounded && { exactBelow: FEWEST_ROUNDS }) }
}

const INEXACT = ['fast-math', 'fast-single', 'contract']

function callsKernels(func: Func): boolean {
  let found = false
  visitAllExprs(func.body, expr => void (found ||= expr.kind === 'kernel'))
  return found
}

/** Vectors of floats that are set in two places: each may be a sum that is begun in one and goes on in the other. */
function gathered(func: Func): ReadonlySet<LocalId> {
  const seen = new Set<LocalId>()
  const found = new Set<LocalId>()
  visitStmts(func.body, stmt => {
    const local = localSet(stmt)
    if (local === undefined || !/^f\d+x/.test(func.locals[local]?.type ?? '')) return
    if (seen.has(local)) found.add(local)
    seen.add(local)
  })
  return found
}

/** The parameters that are arrays among the arguments themselves: by their sizes calls are told apart. */
function argumentsOf(inputs: CallPlan['inputs']): ReadonlySet<LocalId> {
  const isArgument = ({ kind, access }: Input): boolean =>
    (kind === 'typed' || kind === 'list') && 'arg' in access.root && access.path.length === 0
  return new Set(
    inputs.filter(input => 'param' in input && input.param).flatMap((input, i) => (isArgument(input) ? [i] : [])),
  )
}

/** Whether every loop that gathers loads from one of these arrays in each of its rounds, at its counter. */
function sumsElements(func: Func, arrays: ReadonlySet<LocalId>): boolean {
  const sums = gathered(func)
  const walk = (body: readonly Stmt[], loop: Extract<Stmt, { kind: 'for' }> | undefined): boolean =>
    body.every(stmt => {
      if (stmt.kind === 'set' && sums.has(stmt.local) && localsIn(stmt.value).has(stmt.local))
        return loop !== undefined && loadsAt(loop, arrays)
      const inner = stmt.kind === 'for' ? stmt : stmt.kind === 'loop' ? undefined : loop
      return bodies(stmt).every(each => walk(each, inner))
    })
  return walk(func.body, undefined)
}

/** In the body itself, not in its arms: what every round does. */
function loadsAt({ local, body }: Extract<Stmt, { kind: 'for' }>, arrays: ReadonlySet<LocalId>): boolean {
  const isAtCounter = (index: Expr): boolean =>
    (index.kind === 'get' && index.local === local) ||
    (index.kind === 'op' &&
      index.op === 'i32.add' &&
      index.args.filter(arg => localsIn(arg).has(local)).length === 1 &&
      index.args.some(isAtCounter))
  let found = false
  const look = (each: Expr): void => {
    if (each.kind === 'vload') found ||= arrays.has(each.array) && isAtCounter(each.index)
  }
  for (const root of body.flatMap(rootExprs)) visitExpr(root, look)
  return found
}

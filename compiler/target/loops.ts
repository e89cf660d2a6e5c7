import { CONTEXT, STATUS_CANCELLED } from '../abi.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import { visitStmts } from '../ir/rewrite.ts'
import type { ExprRef } from './emit.ts'
import { emitExpr } from './expressions.ts'
import { context, type Frame } from './frame.ts'
import type { Target } from './labels.ts'
import { leaveWith } from './support.ts'

type Of<K extends Stmt['kind']> = Extract<Stmt, { kind: K }>

/** Emits statements as a block; handed in, since statements contain loops and loops contain statements. */
export type EmitBlock = (frame: Frame, body: readonly Stmt[], label?: string | null) => ExprRef

/**
 * Rounds between two polls of an innermost loop: enough that they cost nothing, few enough that a loop stops within a
 * fraction of a millisecond. Loops around others poll in every round.
 */
const ROUNDS_PER_POLL = 1024

/** Repeats for ever: `continue` goes to the top, falling off the end too. */
export function emitLoop(frame: Frame, stmt: Of<'loop'>, emitBlock: EmitBlock): ExprRef {
  const { out } = frame.unit
  return frame.labels.within(stmt.label, target => {
    const { before, each } = isInnermost(stmt) ? pollSometimes(frame) : { before: [], each: poll(frame) }
    const body = emitBlock(frame, stmt.body)
    const loop = out.loop(target.continueTo, out.block(null, [...each, body, out.br(target.continueTo)]))
    const whole = breakable(frame, target, loop)
    return before.length === 0 ? whole : out.block(null, [...before, whole])
  })
}

/**
 * A counted loop has its test at the bottom and is entered only when there is a first round: one branch a round.
 */
export function emitFor(frame: Frame, stmt: Of<'for'>, emitBlock: EmitBlock): ExprRef {
  const { out, wasm } = frame.unit
  const counter = frame.locals.first(stmt.local)
  const count = (): ExprRef => out.local.get(counter, wasm.i32)
  const bound = holdBound(frame, stmt.to)
  const enter = [...bound.before, out.local.set(counter, emitExpr(frame, stmt.from))]
  const goesOn = (to: ExprRef): ExprRef => out.i32.lt_s(count(), to)
  const rounds = (target: Target, to: () => ExprRef, each: ExprRef[]): ExprRef => {
    const top = `top.${target.breakTo}`
    const body = emitBlock(frame, stmt.body, target.continueTo)
    const advance = out.local.set(counter, out.i32.add(count(), out.i32.const(stmt.step)))
    return out.loop(top, out.block(null, [...each, body, advance, out.br(top, goesOn(to()))]))
  }
  return frame.labels.within(stmt.label, target => {
    const inStrips = frame.unit.cancellable && isInnermost(stmt)
    const all = inStrips
      ? emitStrips(frame, stmt, count, bound.again, target, to => rounds(target, to, []))
      : rounds(target, bound.again, poll(frame))
    return out.block(null, [...enter, out.if(goesOn(bound.again()), breakable(frame, target, all))])
  })
}

/** Strip mining: the rounds between two polls are a loop without one. A loop that is short does not poll at all. */
function emitStrips(
  frame: Frame,
  { step }: Of<'for'>,
  count: () => ExprRef,
  bound: () => ExprRef,
  target: Target,
  rounds: (to: () => ExprRef) => ExprRef,
): ExprRef {
  const { out, wasm } = frame.unit
  const { i32 } = out
  const strip = i32.const(ROUNDS_PER_POLL * step)
  const limit = frame.locals.temp(wasm.i32)
  const strips = `strips.${target.breakTo}`
  const isLong = i32.gt_u(i32.sub(bound(), count()), strip)
  const shorten = [...poll(frame), out.local.set(limit, i32.add(count(), i32.const(ROUNDS_PER_POLL * step)))]
  const body = [
    out.local.set(limit, bound()),
    out.if(isLong, out.block(null, shorten)),
    rounds(() => out.local.get(limit, wasm.i32)),
    out.br(strips, i32.lt_s(count(), bound())),
  ]
  return out.loop(strips, out.block(null, body))
}

function isInnermost(stmt: Of<'loop'> | Of<'for'>): boolean {
  let found = true
  visitStmts(stmt.body, inner => {
    if (inner.kind === 'loop' || inner.kind === 'for' || inner.kind === 'call' || inner.kind === 'primitive')
      found = false
  })
  return found
}

/** The bound is evaluated once, before the counter is set: it may read the counter's old value. */
function holdBound(frame: Frame, to: Expr): { before: ExprRef[]; again: () => ExprRef } {
  const { out, wasm } = frame.unit
  if (to.kind === 'const') return { before: [], again: () => out.i32.const(to.value as number) }
  const held = frame.locals.temp(wasm.i32)
  return { before: [out.local.set(held, emitExpr(frame, to))], again: () => out.local.get(held, wasm.i32) }
}

function breakable({ unit: { out } }: Frame, target: Target, body: ExprRef): ExprRef {
  return target.breaks ? out.block(target.breakTo, [body]) : body
}

/** Counts down in a local of its own, which is cheaper than looking at a word in memory. */
function pollSometimes(frame: Frame): { before: ExprRef[]; each: ExprRef[] } {
  const { out, wasm } = frame.unit
  const asks = poll(frame)
  if (asks.length === 0) return { before: [], each: [] }
  const left = frame.locals.temp(wasm.i32)
  const fill = (): ExprRef => out.local.set(left, out.i32.const(ROUNDS_PER_POLL))
  const counted = out.i32.sub(out.local.get(left, wasm.i32), out.i32.const(1))
  const isDue = out.i32.eqz(out.local.tee(left, counted, wasm.i32))
  return { before: [fill()], each: [out.if(isDue, out.block(null, [...asks, fill()]))] }
}

/** One compare and branch that is never taken; the host makes the word negative from another thread. */
function poll({ unit }: Frame): ExprRef[] {
  if (!unit.cancellable) return []
  const { out } = unit
  const asked = out.i32.atomic.load(CONTEXT.cancel, context(unit))
  return [out.if(out.i32.lt_s(asked, out.i32.const(0)), out.block(null, leaveWith(unit, STATUS_CANCELLED)))]
}

import { CONTEXT, STATUS_CANCELLED } from '../abi.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import type { ExprRef } from './emit.ts'
import { emitExpr } from './expressions.ts'
import { context, type Frame } from './frame.ts'
import type { Target } from './labels.ts'
import { leaveWith } from './support.ts'

type Of<K extends Stmt['kind']> = Extract<Stmt, { kind: K }>

/** Emits statements as a block; handed in, since statements contain loops and loops contain statements. */
export type EmitBlock = (frame: Frame, body: readonly Stmt[], label?: string | null) => ExprRef

/** Repeats for ever: `continue` goes to the top, falling off the end too. */
export function emitLoop(frame: Frame, stmt: Of<'loop'>, emitBlock: EmitBlock): ExprRef {
  const { out } = frame.unit
  return frame.labels.within(stmt.label, target => {
    const body = emitBlock(frame, stmt.body)
    const loop = out.loop(target.continueTo, out.block(null, [...poll(frame), body, out.br(target.continueTo)]))
    return breakable(frame, target, loop)
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
  const goesOn = (): ExprRef => out.i32.lt_s(count(), bound.again())
  const enter = [...bound.before, out.local.set(counter, emitExpr(frame, stmt.from))]
  return frame.labels.within(stmt.label, target => {
    const top = `top.${target.breakTo}`
    const body = emitBlock(frame, stmt.body, target.continueTo)
    const advance = out.local.set(counter, out.i32.add(count(), out.i32.const(stmt.step)))
    const rounds = out.loop(top, out.block(null, [...poll(frame), body, advance, out.br(top, goesOn())]))
    return out.block(null, [...enter, out.if(goesOn(), breakable(frame, target, rounds))])
  })
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

/** One compare and branch that is never taken; the host makes the word negative from another thread. */
function poll({ unit }: Frame): ExprRef[] {
  if (!unit.cancellable) return []
  const { out } = unit
  const asked = out.i32.atomic.load(CONTEXT.cancel, context(unit))
  return [out.if(out.i32.lt_s(asked, out.i32.const(0)), out.block(null, leaveWith(unit, STATUS_CANCELLED)))]
}

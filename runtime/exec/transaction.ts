import { IrisError } from '../../base/diagnostic.ts'
import { InvariantError } from '../../base/invariant.ts'
import { type CallPlan, STATUS_ARENA, STATUS_CANCELLED } from '../../compiler/abi.ts'
import type { Failure } from './failure.ts'
import type { WasmFunction } from './instance.ts'
import type { ThreadContext } from './thread-context.ts'

/** How one run of compiled code ended. */
export type Ending =
  | { readonly kind: 'done'; readonly value: unknown }
  /** the compiled path does not cover this call */
  | { readonly kind: 'exit'; readonly failure: Failure; readonly speculation: string | undefined }
  | { readonly kind: 'arena' }
  /** the stack was exhausted; when that happened is not known */
  | { readonly kind: 'overflow'; readonly error: RangeError }

/**
 * Runs compiled code and tells how it ended. Exits write their status and trap (see CONTEXT in abi.ts); every other
 * trap is a defect of Iris.
 */
export function runOnce(run: WasmFunction, params: readonly number[], plan: CallPlan, context: ThreadContext): Ending {
  context.arm()
  try {
    return { kind: 'done', value: run(...params) }
  } catch (error) {
    return endingOf(error, plan, context)
  }
}

export function endingOf(error: unknown, plan: CallPlan, context: ThreadContext): Ending {
  if (error instanceof RangeError) return { kind: 'overflow', error }
  if (!(error instanceof WebAssembly.RuntimeError)) throw error
  if (context.status === STATUS_CANCELLED) context.clearStop()
  return endingWith(context.status, plan, error.message)
}

/**
 * How a run ended that trapped with this status.
 * @throws IrisError IRIS5012 when it was asked to stop
 */
export function endingWith(status: number, plan: CallPlan, message: string): Ending {
  if (status === STATUS_ARENA) return { kind: 'arena' }
  if (status === STATUS_CANCELLED) throw new IrisError('IRIS5012')
  if (status <= 0) throw new InvariantError(`compiled code trapped: ${message}`)
  return exitAt(plan, status - 1)
}

function exitAt(plan: CallPlan, site: number): Ending {
  const exit = plan.exits[site]
  const reason = exit?.reason ?? `exit ${site}`
  const failure: Failure = { code: 'IRIS4006', values: { reason }, ...(exit?.span && { span: exit.span }) }
  return { kind: 'exit', failure, speculation: exit?.speculation }
}

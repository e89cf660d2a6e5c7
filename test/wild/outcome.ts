import { runInThisContext } from 'node:vm'
import { clone } from './clone.ts'
import { difference } from './compare.ts'
import type { AnyFunction } from './spec.ts'

/** What one call did: its result or error, and the state of its receiver and arguments afterwards. */
export interface Outcome {
  readonly kind: 'returned' | 'threw' | 'endless'
  readonly value: unknown
  readonly state: readonly unknown[]
}

const TIMEOUT_MS = 400

const SLOT = Symbol.for('iris.wild')
const slots = globalThis as Record<symbol, unknown>

/**
 * Calls with a deadline: node:vm can stop synchronous code, wherever it was defined. The deadline is generous, and an
 * endless original only drops this call from the comparison.
 */
function deadline<T>(action: () => T): T {
  slots[SLOT] = action
  try {
    return runInThisContext('globalThis[Symbol.for("iris.wild")]()', { timeout: TIMEOUT_MS }) as T
  } finally {
    delete slots[SLOT]
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

/** Calls `fn` on copies of the receiver and the arguments. */
export function observe(fn: AnyFunction, receiver: unknown, args: readonly unknown[], watch: boolean): Outcome {
  const [self, values] = clone([receiver, args] as const)
  const call = (): unknown => Reflect.apply(fn, self, values)
  try {
    const value = watch ? deadline(call) : call()
    return { kind: 'returned', value, state: [self, values] }
  } catch (error) {
    return { kind: isTimeout(error) ? 'endless' : 'threw', value: errorFacts(error), state: [self, values] }
  }
}

/** Stack and cause differ legitimately; class and message must not. */
const errorFacts = (error: unknown): unknown =>
  error instanceof Error ? { error: error.constructor.name, message: error.message } : error

export function outcomeDifference(a: Outcome, b: Outcome): string | undefined {
  if (a.kind !== b.kind)
    return `${a.kind} (${String(JSON.stringify(a.value))?.slice(0, 80)}) ≠ ${b.kind} (${String(JSON.stringify(b.value))?.slice(0, 80)})`
  const pairs = new Map<unknown, unknown>()
  return (
    difference(a.value, b.value, a.kind === 'threw' ? 'error' : 'result', pairs) ??
    difference(a.state, b.state, 'arguments', pairs)
  )
}

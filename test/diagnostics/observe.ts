import { type Diagnostic, IrisError } from '../../base/diagnostic.ts'
import type { Engine } from '../../runtime/exec/engine.ts'
import type { JitEvents } from '../../runtime/exec/events.ts'
import { type OffloadOptions, resolveOptions } from '../../runtime/exec/options.ts'
import { offloadOf } from '../../src/offload.ts'
import { isAlike } from '../fuzz/compare.ts'

export type AnyFn = (...args: never[]) => unknown

/** One function, how it is called, and what Iris is expected to say. */
export interface Provocation {
  readonly fn: AnyFn
  /** arguments of one call, made anew each time */
  readonly args?: () => readonly unknown[]
  /** further calls, after the first has been compiled */
  readonly then?: readonly (() => readonly unknown[])[]
  readonly options?: OffloadOptions
  readonly self?: unknown
}

/** What became of the calls. */
export interface Observed {
  readonly codes: ReadonlySet<string>
  readonly diagnostics: readonly Diagnostic[]
  /** calls that did not give what the original gives */
  readonly different: readonly string[]
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

function outcomeOf(call: () => unknown): Outcome {
  try {
    return { value: call() }
  } catch (error) {
    return { error }
  }
}

function isSameOutcome(a: Outcome, b: Outcome): boolean {
  if ('error' in a || 'error' in b) return 'error' in a && 'error' in b && isAlike(a.error, b.error)
  return isAlike(a.value, b.value)
}

/** Offloads the function, lets it compile, calls it and compares every call with the original. */
export async function observe(engine: Engine, { fn, args, then, options, self }: Provocation): Promise<Observed> {
  resolveOptions(options)
  const diagnostics: Diagnostic[] = []
  const codes = new Set<string>()
  const stop = engine.events.subscribe((name, event) => {
    if (name === 'miss') diagnostics.push(...(event as JitEvents['miss']).diagnostics)
  })
  const kernel = offloadOf(engine)(fn, { tier: 'scalar', ...options })
  const different: string[] = []
  const calls = [args ?? (() => []), ...(then ?? [])]
  await kernel.warmup.apply(self as never, [...calls[0]!()] as never)
  for (const [index, call] of calls.entries()) {
    for (let round = 0; round < 3; round++) {
      const mine = call() as never[]
      const theirs = call() as never[]
      const found = outcomeOf(() => kernel.apply(self as never, mine))
      const wanted = outcomeOf(() => fn.apply(self, theirs))
      if ('error' in found && found.error instanceof IrisError) codes.add(found.error.code)
      else if (!isSameOutcome(found, wanted) || !isAlike(mine, theirs)) different.push(`call ${index}`)
    }
  }
  for (const { diagnostics: more } of kernel.explain().profiles) for (const { code } of more) codes.add(code)
  for (const code of Object.keys(kernel.stats().misses)) codes.add(code)
  for (const { code } of diagnostics) codes.add(code)
  stop()
  return { codes, diagnostics, different }
}

import { type Call, callsOf } from './calls.ts'
import { clone } from './clone.ts'
import { isInstance } from './collect.ts'
import { type Outcome, observe, outcomeDifference } from './outcome.ts'
import type { AnyFunction, Subject } from './spec.ts'

/** What the corpus uses of a kernel. */
export interface WildKernel {
  warmup(...args: unknown[]): Promise<unknown>
  explain(): {
    readonly profiles: readonly { status: string; diagnostics: readonly { code: string; message: string }[] }[]
  }
  stats(): { readonly calls: Readonly<Record<string, number>>; readonly misses: Readonly<Record<string, number>> }
  [Symbol.dispose](): void
}
export type Offload = (fn: AnyFunction) => WildKernel & AnyFunction

export interface Difference {
  readonly call: string
  readonly what: string
}

export interface Verdict {
  readonly package: string
  readonly domain: string
  readonly path: string
  readonly outcome: 'hit' | 'miss' | 'excluded'
  /** of a miss: code and message; of an excluded function: why */
  readonly code?: string
  readonly reason?: string
  readonly calls: number
  readonly compiledCalls: number
  readonly differences: readonly Difference[]
}

interface Observed {
  readonly call: Call
  readonly outcome: Outcome
}

const receiverOf = (receiver: unknown): unknown => (isInstance(receiver) ? receiver : undefined)
/** Namespaces are `this` too (`lib.f()`), but are no data of the call: they are not copied. */
const bound = (fn: AnyFunction, receiver: unknown): AnyFunction =>
  isInstance(receiver) ? fn : (...args: unknown[]) => Reflect.apply(fn, receiver, args)

function numeric(value: unknown, depth = 6, seen = new Set<unknown>()): boolean {
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return true
  if (typeof value !== 'object' || depth === 0) return false
  if (ArrayBuffer.isView(value) || seen.has(value)) return true
  seen.add(value)
  return (
    !(value instanceof Map || value instanceof Set || value instanceof Date) &&
    Object.values(value).every(member => numeric(member, depth - 1, seen))
  )
}

/** The rule of the corpus, applied to what the original does with ordinary arguments; the reason where it fails. */
function disqualified(subject: Subject, observed: readonly Observed[]): string | undefined {
  const main = observed.filter(({ call, outcome }) => call.main && outcome.kind === 'returned')
  const first = main[0]
  if (!first) return 'throws or does not end with ordinary arguments'
  if (!main.every(({ outcome }) => numeric(outcome.value))) return 'its result is not numeric'
  const acts = main.some(
    ({ call, outcome }) =>
      outcome.value !== undefined ||
      outcomeDifference(outcome, { ...outcome, state: [receiverOf(subject.receiver), call.args] }),
  )
  if (!acts) return 'has neither a result nor an effect on its arguments'
  return subject.stateful || repeats(subject, observed) ? undefined : 'gives other results for the same arguments'
}

function repeats(subject: Subject, observed: readonly Observed[]): boolean {
  const original = bound(subject.original, subject.receiver)
  const again = ({ call, outcome }: Observed): boolean =>
    outcomeDifference(outcome, observe(original, receiverOf(subject.receiver), call.args, true)) === undefined
  return observed.filter(({ outcome }) => outcome.kind !== 'endless').every(again)
}

const compiledCalls = (kernel: WildKernel): number =>
  Object.entries(kernel.stats().calls).reduce((sum, [tier, calls]) => (tier === 'js' ? sum : sum + calls), 0)

/** Runs one function with all its calls, as JavaScript and offloaded. */
export async function examine(subject: Subject, offload: Offload): Promise<Verdict> {
  const { package: name, domain, path } = subject
  const receiver = receiverOf(subject.receiver)
  const original = bound(subject.original, subject.receiver)
  const observed = callsOf(`${name}/${path}`, subject.kinds).map(call => ({
    call,
    outcome: observe(original, receiver, call.args, true),
  }))
  const reason = disqualified(subject, observed)
  if (reason !== undefined)
    return { package: name, domain, path, outcome: 'excluded', reason, calls: 0, compiledCalls: 0, differences: [] }
  const kernel = offload(subject.subject)
  try {
    return { package: name, domain, path, ...(await compareAll(subject, kernel, observed)) }
  } finally {
    kernel[Symbol.dispose]()
  }
}

async function compareAll(
  subject: Subject,
  kernel: WildKernel & AnyFunction,
  observed: readonly Observed[],
): Promise<Omit<Verdict, 'package' | 'domain' | 'path'>> {
  const callable = bound(kernel, subject.subjectReceiver)
  const receiver = receiverOf(subject.subjectReceiver)
  const differences: Difference[] = []
  const usable = observed.filter(({ outcome }) => outcome.kind !== 'endless')
  let mainCompiled = 0
  for (const { call, outcome } of usable) {
    await ready(kernel, receiver, call)
    const before = compiledCalls(kernel)
    const found = outcomeDifference(outcome, observe(callable, receiver, call.args, false))
    if (found !== undefined) differences.push({ call: call.label, what: found })
    if (call.main && outcome.kind === 'returned' && compiledCalls(kernel) > before) mainCompiled++
  }
  const main = usable.filter(({ call, outcome }) => call.main && outcome.kind === 'returned').length
  const hit = mainCompiled * 2 > main
  return {
    outcome: hit ? 'hit' : 'miss',
    ...(hit ? {} : missReason(kernel)),
    calls: usable.length,
    compiledCalls: compiledCalls(kernel),
    differences,
  }
}

/** Waits until this call's profile is compiled, or known to be a miss. */
async function ready(kernel: WildKernel, receiver: unknown, call: Call): Promise<void> {
  const [self, args] = clone([receiver, call.args] as const)
  await Reflect.apply(kernel.warmup, self === undefined ? kernel : self, [...args])
}

function missReason(kernel: WildKernel): { code: string; reason: string } {
  for (const profile of kernel.explain().profiles) {
    const [diagnostic] = profile.diagnostics
    if (profile.status === 'miss' && diagnostic) return { code: diagnostic.code, reason: diagnostic.message }
  }
  const [code] = Object.entries(kernel.stats().misses).sort((a, b) => b[1] - a[1])[0] ?? ['unknown']
  return { code, reason: 'the compiled code was left at run time' }
}

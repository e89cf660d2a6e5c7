import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Dispatcher } from './dispatch.ts'
import type { Variant, VariantStatus } from './variant.ts'
import type { Tier } from './wrapper.ts'

export type { Tier }

/** A diagnostic with its place in the user's file. */
export interface ExplainedDiagnostic {
  readonly code: string
  readonly message: string
  readonly fix: string
  readonly file?: string
  /** from 1 */
  readonly line?: number
  /** from 1 */
  readonly column?: number
  /** the lines around the place, the place underlined */
  readonly frame?: string
}

export interface ExplainedProfile {
  /** kinds of the arguments, such as `(f64[], number)` */
  readonly profile: string
  readonly status: VariantStatus
  /** tiers in which calls of this profile can run */
  readonly tiers: readonly Tier[]
  readonly diagnostics: readonly ExplainedDiagnostic[]
  /** size of the Wasm */
  readonly bytes?: number
  readonly compileMs?: number
  /** time of one call by tier, where it was measured */
  readonly measuredNs?: Readonly<Partial<Record<Tier, number>>>
  readonly passes?: readonly { readonly pass: string; readonly ms: number; readonly changed: boolean }[]
  readonly ir?: string
  readonly wat?: string
}

/** What runs and why: plain data, printable and JSON-able. */
export interface Explanation {
  readonly name: string
  readonly source: {
    readonly file: string | undefined
    readonly line: number | undefined
    readonly column: number | undefined
  }
  /** of the last call */
  readonly tier: Tier
  readonly profiles: readonly ExplainedProfile[]
}

export interface ExplainOptions {
  readonly ir?: boolean
  readonly wat?: boolean
  readonly passes?: boolean
}

export function explain(kernel: Dispatcher, options: ExplainOptions = {}): Explanation {
  const { subject } = kernel
  subject.readNow()
  const place = subject.locate({ source: 0, start: 0, end: 1 })
  const source = place.file ? { file: place.file, line: place.line, column: place.column } : UNKNOWN
  const whole = subject.miss.length > 0 ? [wholeMiss(kernel)] : []
  const profiles = [...whole, ...kernel.variants.map(variant => explainVariant(kernel, variant, options))]
  return { name: subject.displayName, source, tier: kernel.lastTier, profiles }
}

const UNKNOWN = { file: undefined, line: undefined, column: undefined }

/** Nothing of the kernel compiles, whatever the arguments. */
function wholeMiss(kernel: Dispatcher): ExplainedProfile {
  const diagnostics = kernel.subject.miss.map(each => explainDiagnostic(each, kernel))
  return { profile: '(any)', status: 'miss', tiers: ['js'], diagnostics }
}

function explainVariant(kernel: Dispatcher, variant: Variant, { ir, wat, passes }: ExplainOptions): ExplainedProfile {
  const { compiled } = variant
  const texts = ir || wat ? kernel.textsOf(variant) : {}
  const remarks = variant.status === 'ready' ? (compiled?.remarks ?? []) : []
  return {
    profile: kernel.profileOf(variant),
    status: variant.status,
    tiers: variant.tiers,
    diagnostics: [...variant.diagnostics, ...remarks].map(each => explainDiagnostic(each, kernel)),
    ...(compiled && { bytes: compiled.wasm.byteLength, compileMs: compiled.compileMs }),
    ...(variant.costs && { measuredNs: variant.costs.measured }),
    ...(passes && compiled && { passes: compiled.passes.map(({ pass, ms, changed }) => ({ pass, ms, changed })) }),
    ...(ir && texts.ir !== undefined && { ir: texts.ir }),
    ...(wat && texts.wat !== undefined && { wat: texts.wat }),
  }
}

export function explainDiagnostic({ code, message, fix, span }: Diagnostic, kernel: Dispatcher): ExplainedDiagnostic {
  const place = span && kernel.subject.locate(span)
  if (!place) return { code, message, fix }
  const { file, line, column, frame } = place
  return { code, message, fix, ...(file !== '' && { file }), line, column, frame }
}

/** For terminals and logs. */
export function formatExplanation(explanation: Explanation): string {
  const { name, source, tier, profiles } = explanation
  const at = source.file ? ` (${source.file}:${source.line}:${source.column})` : ''
  const body = profiles.length === 0 ? ['  not called yet'] : profiles.flatMap(formatProfile)
  return [`${name}${at}: last ran as ${tier}`, ...body].join('\n')
}

function formatProfile(profile: ExplainedProfile): string[] {
  const size =
    profile.bytes === undefined ? '' : `, ${profile.bytes} bytes in ${(profile.compileMs ?? 0).toFixed(1)} ms`
  const head = `  ${profile.profile}: ${profile.status}${size}`
  return [head, ...profile.diagnostics.flatMap(formatDiagnostic)]
}

export function formatDiagnostic({ code, message, fix, file, line, column, frame }: ExplainedDiagnostic): string[] {
  const at = line === undefined ? '' : ` at ${file === undefined ? 'line ' : `${file}:`}${line}:${column}`
  const framed = frame === undefined ? [] : frame.split('\n').map(each => `    ${each}`)
  return [`    ${code}${at}: ${message}`, ...framed, `    fix: ${fix}`]
}

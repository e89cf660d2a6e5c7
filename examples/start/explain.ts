import { inspect } from 'node:util'

/** The part of an explanation that this page prints. */
interface Explanation {
  readonly name: string
  readonly source: { readonly file?: string; readonly line?: number }
  readonly tier: string
  readonly profiles: readonly ProfileExplanation[]
}
interface ProfileExplanation {
  readonly profile: unknown
  readonly status: string
  readonly bytes?: number
  readonly compileMs?: number
  readonly diagnostics: readonly {
    readonly code: string
    readonly message: string
    readonly fix: string
    readonly frame?: string
  }[]
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : inspect(value, { depth: 4, breakLength: Infinity })

function profileLines({ profile, status, bytes, compileMs, diagnostics }: ProfileExplanation): string[] {
  const size = bytes === undefined ? '' : `, ${bytes} bytes of Wasm`
  const time = compileMs === undefined ? '' : `, compiled in ${compileMs.toFixed(1)} ms`
  const notes = diagnostics.flatMap(({ code, message, fix, frame }) => [
    `    ${code} ${message}`,
    ...(frame ? [frame] : []),
    `    fix: ${fix}`,
  ])
  return [`  ${text(profile)}: ${status}${size}${time}`, ...notes]
}

export function formatExplanation(value: unknown): string {
  const { name, source, tier, profiles } = value as Explanation
  const where = source.file ? ` (${source.file.replace(/^.*\//, '')}:${source.line ?? '?'})` : ''
  return [`${name}${where} runs as: ${tier}`, ...profiles.flatMap(profileLines)].join('\n')
}

import { existsSync, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Dispatcher } from '../../runtime/exec/dispatch.ts'
import { type Explanation, explain, formatDiagnostic } from '../../runtime/exec/explanation.ts'
import { guessArguments } from '../../runtime/exec/guess.ts'
import { recordKernels } from '../registry.ts'
import { CliError } from './cli-error.ts'
import { table } from './table.ts'

export interface ExplainFlags {
  readonly ir?: boolean
  readonly wat?: boolean
  readonly passes?: boolean
  readonly json?: boolean
  readonly failOnMiss?: boolean
}

/** Prints what becomes of the offloaded functions of a module; gives the exit code. */
export async function explainFile(file: string, flags: ExplainFlags, write: (text: string) => void): Promise<number> {
  const kernels = await kernelsOf(file)
  const explanations: Explanation[] = []
  for (const { dispatcher, exportedAs } of kernels) {
    await settle(dispatcher)
    const explanation = explain(dispatcher, flags)
    explanations.push(
      exportedAs === undefined || explanation.name !== 'anonymous' ? explanation : { ...explanation, name: exportedAs },
    )
  }
  write(flags.json ? JSON.stringify(explanations, null, 2) : formatAll(explanations, flags))
  const misses = explanations.some(({ profiles }) => profiles.some(({ status }) => status === 'miss'))
  return flags.failOnMiss && misses ? 3 : 0
}

export interface FoundKernel {
  readonly dispatcher: Dispatcher
  readonly exportedAs: string | undefined
}

/** The functions that a module offloads while it loads. */
export async function kernelsOf(file: string): Promise<FoundKernel[]> {
  const path = resolve(file)
  if (!existsSync(path) || !statSync(path).isFile()) throw new CliError(`there is no file ${path}`)
  let exported: Readonly<Record<string, unknown>> = {}
  const made = await recordKernels(async () => {
    exported = await importModule(path)
  })
  if (made.length === 0)
    throw new CliError(
      `${file} offloads no function: wrap one in offload(…) and export it, or offload it while the module loads`,
    )
  const nameOf = new Map(Object.entries(exported).map(([name, value]) => [value, name]))
  return made.map(({ kernel, dispatcher }) => ({ dispatcher, exportedAs: nameOf.get(kernel) }))
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (error) {
    const hint = /\.[cm]?tsx?$/.test(path)
      ? ' (TypeScript: build it first, or run `node --import tsx node_modules/iris-fabric/dist/src/cli/main.js explain …`)'
      : ''
    throw new CliError(
      `${path} does not load${hint}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      { cause: error },
    )
  }
}

/** Waits for what the module's own calls have started; what it never called is compiled for guessed arguments. */
async function settle(dispatcher: Dispatcher): Promise<void> {
  const keepAlive = setInterval(() => undefined, 0x7fff_ffff)
  await dispatcher.settled()
  if (dispatcher.variants.length === 0) {
    const samples = guessArguments(Function.prototype.toString.call(dispatcher.subject.original)) ?? []
    await dispatcher.warmup(undefined, samples)
  }
  await dispatcher.settled()
  clearInterval(keepAlive)
}

function formatAll(explanations: readonly Explanation[], flags: ExplainFlags): string {
  const rows = explanations.flatMap(({ name, source, profiles }) => {
    const place = source.file === undefined ? '' : `${relative('', source.file)}:${source.line}`
    if (profiles.length === 0) return [[name, place, '', 'js (insisted on)']]
    return profiles.map(({ profile, status, tiers, diagnostics }) => [
      name,
      place,
      profile,
      status === 'ready' ? (tiers.at(-1) ?? 'js') : `miss ${diagnostics[0]?.code ?? ''}`,
    ])
  })
  const details = explanations.flatMap(explanation => detailsOf(explanation, flags))
  return [table(['kernel', 'place', 'profile', 'tier'], rows), ...details].join('\n')
}

function detailsOf({ name, profiles }: Explanation, { ir, wat, passes }: ExplainFlags): string[] {
  return profiles.flatMap(profile => {
    const lines = profile.diagnostics.flatMap(formatDiagnostic)
    if (passes)
      lines.push(
        ...(profile.passes ?? []).map(
          ({ pass, ms, changed }) => `    ${pass} ${ms.toFixed(2)} ms${changed ? '' : ' (unchanged)'}`,
        ),
      )
    if (ir && profile.ir !== undefined) lines.push(profile.ir)
    if (wat && profile.wat !== undefined) lines.push(profile.wat)
    return lines.length === 0 ? [] : ['', `${name} ${profile.profile}`, ...lines]
  })
}

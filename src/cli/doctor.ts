import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { FLAGS, type FlagName, readFlag } from '../../base/env.ts'
import { openInspection } from '../../compiler/source/inspector.ts'
import { hasRelaxedMadd, hasSimd } from '../../runtime/exec/features.ts'
import { freshFunction } from '../../runtime/exec/fresh.ts'
import { openStore } from '../cache.ts'
import { createEngine } from '../engine.ts'
import { offloadOf } from '../offload.ts'
import { table } from './table.ts'

export interface Check {
  readonly what: string
  /** 'off': Iris works without it, with what `detail` says */
  readonly state: 'ok' | 'off' | 'failed'
  readonly detail: string
}

/** Prints what works here; gives the exit code: 1 when something that Iris needs does not. */
export async function doctor(flags: { readonly json?: boolean }, write: (text: string) => void): Promise<number> {
  const checks = await runChecks()
  const environment = environmentOf()
  if (flags.json) write(JSON.stringify({ checks, environment }, null, 2))
  else {
    write(
      table(
        ['', 'what', 'detail'],
        checks.map(({ what, state, detail }) => [SIGNS[state], what, detail]),
      ),
    )
    write('')
    write(
      table(
        ['flag', 'value', 'meaning'],
        environment.map(({ name, value, isSet, about }) => [name, `${value}${isSet ? ' (set)' : ''}`, about]),
      ),
    )
  }
  return checks.some(({ state }) => state === 'failed') ? 1 : 0
}

const SIGNS = { ok: 'ok', off: 'off', failed: 'FAILED' } as const

export async function runChecks(): Promise<Check[]> {
  const checks = [
    nodeCheck,
    memoryCheck,
    simdCheck,
    relaxedSimdCheck,
    threadsCheck,
    inspectorCheck,
    wrapperCheck,
    compilerCheck,
    cacheCheck,
  ]
  const results: Check[] = []
  for (const check of checks) results.push(await guarded(check))
  return results
}

async function guarded(check: () => Check | Promise<Check>): Promise<Check> {
  try {
    return await check()
  } catch (error) {
    return {
      what: check.name.replace('Check', ''),
      state: 'failed',
      detail: error instanceof Error ? error.message : String(error),
    }
  }
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isEnough = major > 20 || (major === 20 && minor >= 19)
  return {
    what: 'Node.js',
    state: isEnough ? 'ok' : 'failed',
    detail: `${process.version}, V8 ${process.versions.v8}${isEnough ? '' : '; 20.19 or newer is needed'}`,
  }
}

function memoryCheck(): Check {
  const maximum = readFlag('IRIS_MEMORY_MAX')
  new WebAssembly.Memory({ initial: 1, maximum: Math.min(32767, Math.ceil(maximum / 65536)), shared: true })
  return { what: 'shared WebAssembly memory', state: 'ok', detail: `up to ${Math.round(maximum / 2 ** 20)} MB` }
}

function simdCheck(): Check {
  const isThere = hasSimd()
  return {
    what: 'SIMD',
    state: isThere ? 'ok' : 'off',
    detail: isThere ? '128-bit lanes' : 'this V8 or processor has none: kernels run scalar',
  }
}

function relaxedSimdCheck(): Check {
  const isThere = hasRelaxedMadd()
  return {
    what: 'relaxed SIMD',
    state: isThere ? 'ok' : 'off',
    detail: isThere ? 'multiply-add with `contract: true`' : 'comes with Node 22: `contract: true` changes nothing',
  }
}

async function threadsCheck(): Promise<Check> {
  const worker = new Worker('', { eval: true })
  await new Promise<void>((resolve, reject) => worker.once('exit', () => resolve()).once('error', reject))
  const cores = availableParallelism()
  return { what: 'threads', state: 'ok', detail: `${cores} core${cores === 1 ? '' : 's'}` }
}

function inspectorCheck(): Check {
  const inspection = openInspection()
  if ('refused' in inspection)
    return {
      what: 'inspector',
      state: 'off',
      detail: `${inspection.refused}: pass \`captures\` for functions with free variables`,
    }
  inspection.close()
  return { what: 'inspector', state: 'ok', detail: 'captured variables are found by themselves' }
}

function wrapperCheck(): Check {
  const isFresh = freshFunction<() => number>('(function () { return 1 })', 'doctor')?.() === 1
  return {
    what: 'fresh wrappers',
    state: isFresh ? 'ok' : 'off',
    detail: isFresh ? 'V8 inlines kernels' : 'scripts are refused here: calls cost some ns more',
  }
}

async function compilerCheck(): Promise<Check> {
  const engine = createEngine()
  const start = performance.now()
  const kernel = offloadOf(engine)((x: number) => x * 2 + 1, { tier: 'scalar', name: 'doctor' })
  const { profiles } = await kernel.warmup(20)
  const ms = performance.now() - start
  await engine.compiler.close()
  const isRight = kernel(20) === 41 && kernel.stats().calls.scalar === 1
  const why = profiles[0]?.diagnostics[0]
  const failed = why ? `${why.code}: ${why.message}` : 'the compiled function gave a wrong result'
  return {
    what: 'compiler',
    state: isRight ? 'ok' : 'failed',
    detail: isRight ? `first kernel in ${ms.toFixed(0)} ms` : failed,
  }
}

async function cacheCheck(): Promise<Check> {
  const store = openStore()
  if (!store) return { what: 'disk cache', state: 'off', detail: 'IRIS_CACHE is off: each process compiles anew' }
  const { folder, entries } = await store.info()
  return { what: 'disk cache', state: 'ok', detail: `${entries} compiled kernels in ${folder}` }
}

function environmentOf(): {
  readonly name: string
  readonly value: string
  readonly isSet: boolean
  readonly about: string
}[] {
  return (Object.keys(FLAGS) as FlagName[]).map(name => ({
    name,
    value: String(readFlag(name)),
    isSet: process.env[name] !== undefined,
    about: FLAGS[name].about,
  }))
}

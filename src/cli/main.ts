#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { IrisError } from '../../base/diagnostic.ts'
import { builtFile } from '../../base/files.ts'
import type { BenchFlags } from './bench.ts'
import { CliError } from './cli-error.ts'
import { wholeFrom } from './command.ts'

/** Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a kernel misses (with --fail-on-miss). */
interface ExplainFlags {
  readonly ir?: boolean
  readonly wat?: boolean
  readonly passes?: boolean
  readonly json?: boolean
  readonly failOnMiss?: boolean
}

function program(): Command {
  const iris = new Command('iris')
    .description('Iris: hot numeric functions, compiled to WebAssembly')
    .version(version())
    .exitOverride()
  iris
    .command('explain')
    .description('tell for each offloaded function of a module whether it compiles, and why not')
    .argument('<file>', 'JavaScript module, as built')
    .option('--ir', 'print the optimised IR')
    .option('--wat', 'print the WebAssembly text')
    .option('--passes', 'print the passes of the compiler with their times')
    .option('--json', 'print JSON')
    .option('--fail-on-miss', 'exit with 3 when a function does not compile')
    .addHelpText(
      'after',
      '\nThe module is imported, so what it does at import happens. Functions that it did not call are compiled for arguments\nguessed from their parameters.\n\nExample: iris explain dist/pricing.js --ir',
    )
    .action(async (file: string, flags: ExplainFlags) => {
      const { explainFile } = await import('./explain.ts')
      process.exitCode = await explainFile(file, flags, write)
    })
  iris
    .command('bench')
    .description('measure the offloaded functions of a module against their originals')
    .argument('<file>', 'JavaScript module, as built')
    .option('--size <n>', 'elements of the arrays that are made up', whole, 100_000)
    .option('--args <expression>', 'the arguments, as a JavaScript array, instead of made-up ones')
    .option('--only <text>', 'functions whose name contains this text')
    .option('--rounds <n>', 'samples of each', whole, 15)
    .option('--svg <path>', 'write a chart into this file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nMedians of interleaved samples. Arrays lie in ordinary memory (copied on each call where that pays) and in kernel\nmemory, as alloc() gives them.\n\nExample: iris bench dist/pricing.js --args "[new Float64Array(1e6).fill(2), 0.5]"',
    )
    .action(async (file: string, flags: BenchFlags) => {
      const { benchFile } = await import('./bench.ts')
      process.exitCode = await benchFile(file, flags, write)
    })
  iris
    .command('doctor')
    .description('tell what of Iris works on this machine, what does not, and why')
    .option('--json', 'print JSON')
    .action(async (flags: { readonly json?: boolean }) => {
      const { doctor } = await import('./doctor.ts')
      process.exitCode = await doctor(flags, write)
    })
  iris
    .command('cache')
    .description('tell what the cache of compiled kernels holds, or empty it')
    .argument('<action>', 'info or clear')
    .option('--json', 'print JSON')
    .action(async (action: string, flags: { readonly json?: boolean }) => {
      const { cache } = await import('./cache.ts')
      process.exitCode = await cache(action, flags, write)
    })
  return iris
}

const whole = wholeFrom(1)

const write = (text: string): void => void process.stdout.write(`${text}\n`)

function version(): string {
  const { version: found } = JSON.parse(readFileSync(builtFile('../package.json'), 'utf8')) as { version: string }
  return found
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof CliError || error instanceof IrisError) {
    process.stderr.write(`iris: ${error.message}\n`)
    return 1
  }
  process.stderr.write(
    `iris: this is a defect of Iris, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  )
  return 1
}

/** The user's module may hold the process open: once everything is written, it ends. */
function end(): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit()))
}

program()
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = exitCodeOf(error)
  })
  .finally(end)

import { onIris } from './on-iris.ts'
import { type Script, scriptOf } from './script.ts'

/** What runs scripts on the other side. */
export interface Other {
  run(scripts: readonly Script[], unitMs: number): ReadonlyMap<number, readonly string[]>
}

export interface Difference {
  readonly seed: number
  readonly iris: string
  readonly erlang: string
}

export interface Comparison {
  readonly scripts: number
  /** Lines that were compared. */
  readonly lines: number
  readonly differences: readonly Difference[]
}

/**
 * Milliseconds of one unit of time on the BEAM. Its clock is the real one: when a busy machine delays a script until
 * its timers are due, the script is tried again with more time.
 */
const UNITS_MS = [10, 40, 200] as const

/** Runs the scripts of the seeds from `first` on in both. */
export async function compare(erlang: Other, first: number, count: number): Promise<Comparison> {
  let scripts = Array.from({ length: count }, (_, i) => scriptOf(first + i))
  let lines = 0
  let differences: Difference[] = []
  for (const unitMs of UNITS_MS) {
    const theirs = erlang.run(scripts, unitMs)
    differences = []
    const again: Script[] = []
    for (const script of scripts) {
      const senders = sendersOf(script)
      const iris = normalised(await onIris(script), senders)
      const other = normalised(theirs.get(script.seed) ?? [], senders)
      lines += iris.length
      if (iris.join('\n') === other.join('\n')) continue
      again.push(script)
      differences.push({ seed: script.seed, iris: iris.join('\n'), erlang: other.join('\n') })
    }
    if (again.length === 0) break
    scripts = again
  }
  return { scripts: count, lines, differences }
}

const SIGNAL = / (EXIT|DOWN) /
const MESSAGE = / got . (\d+)$/

/**
 * Lines by process, without what the BEAM leaves open: signals of different senders have no order among each other,
 * and who dies in a step may or may not have handled before what others sent in it.
 */
function normalised(lines: readonly string[], senders: ReadonlyMap<number, string>): string[] {
  const byProcess = new Map<string, string[]>()
  for (const line of lines) {
    const who = line.split(' ', 2)[1]!
    const list = byProcess.get(who)
    if (list === undefined) byProcess.set(who, [line])
    else list.push(line)
  }
  const all = [...byProcess.keys()].sort()
  return all.flatMap(who => {
    const own = noprocFirst(untilDeath(byProcess.get(who)!))
    const signals = sortedRuns(own, line => (SIGNAL.test(line) ? line : undefined))
    return sortedRuns(signals, line => senderOf(line, senders))
  })
}

/** A sender's own messages keep their order; those of the clock are in that of their time. */
function senderOf(line: string, senders: ReadonlyMap<number, string>): string | undefined {
  const found = MESSAGE.exec(line)
  return found === null ? undefined : `${stepOf(line)} ${senders.get(Number(found[1])) ?? 'the clock'}`
}

/** Who sends the message of which number. */
function sendersOf({ steps }: Script): ReadonlyMap<number, string> {
  const senders = new Map<number, string>()
  for (const step of steps) {
    if (step.step !== 'do') continue
    const { command, who } = step
    if (command.do === 'send' || command.do === 'send_named') senders.set(command.n, who.join(' '))
  }
  return senders
}

function untilDeath(lines: readonly string[]): string[] {
  const deaths = new Set(lines.filter(line => line.endsWith(' died')).map(stepOf))
  return lines.filter(line => !deaths.has(stepOf(line)) || !(SIGNAL.test(line) || MESSAGE.test(line)))
}

/** That nobody is there, the BEAM says a moment later; what is sent to oneself meanwhile may come before. */
function noprocFirst(lines: readonly string[]): string[] {
  const rank = (line: string): number => stepOf(line) * 2 + (line.endsWith(' noproc') ? 0 : 1)
  return lines.toSorted((a, b) => rank(a) - rank(b))
}

/** Sorts lines that follow each other and have a key by that key; the sort is stable. */
function sortedRuns(lines: readonly string[], keyOf: (line: string) => string | undefined): string[] {
  const result: string[] = []
  let run: (readonly [key: string, line: string])[] = []
  const flush = (): void => {
    run.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    result.push(...run.map(([, line]) => line))
    run = []
  }
  for (const line of lines) {
    const key = keyOf(line)
    if (key !== undefined) run.push([key, line])
    else {
      flush()
      result.push(line)
    }
  }
  flush()
  return result
}

function stepOf(line: string): number {
  return Number.parseInt(line, 10)
}

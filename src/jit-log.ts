import { channel } from 'node:diagnostics_channel'
import { type FlagName, readSwitch } from '../base/env.ts'
import type { JitEventHub, JitEventName, JitEvents } from '../runtime/exec/events.ts'

/** A switch that is set by program, or else by an environment variable, which is read at each question. */
class Switch {
  #enabled: boolean | undefined
  #variable: string

  constructor(variable: FlagName) {
    this.#variable = variable
  }

  set(enabled: boolean | undefined, variable: string): boolean {
    this.#enabled = enabled
    this.#variable = variable
    return this.get()
  }

  get(): boolean {
    return this.#enabled ?? readSwitch(this.#variable)
  }
}

const logging = new Switch('IRIS_JIT_LOG')
const quantum = new Switch('IRIS_JIT_QUANTUM')

/** `true`/`false` force the log on or off; without a value the environment variable decides. Gives the new state. */
export const setJitLogging = (enabled?: boolean, envVar = 'IRIS_JIT_LOG'): boolean => logging.set(enabled, envVar)
export const getJitLogging = (): boolean => logging.get()

/** Whether several compiled variants of a kernel compete. Gives the new state. */
export const setQuantumSpeculation = (enabled?: boolean, envVar = 'IRIS_JIT_QUANTUM'): boolean =>
  quantum.set(enabled, envVar)
export const getQuantumSpeculation = (): boolean => quantum.get()

/** Log and diagnostics channels (`iris:jit:compile` and so on) as listeners of an engine. */
export function publish(events: JitEventHub, log: (line: string) => void): void {
  const told = new Set<string>()
  const logOnce = (line: string): void => {
    if (!told.has(line)) log(line)
    told.add(line)
  }
  events.subscribe((name, event) => {
    channel(`iris:jit:${name.replace(' ', '-')}`).publish(event)
    if (name === 'defect') logOnce(defectText(event as JitEvents['defect']))
    else if (logging.get()) log(`[iris] ${name} ${describe(event)}`)
  })
}

/** A defect of ours is told whether the log is on or off. */
function defectText({ kernel, error }: JitEvents['defect']): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `[iris] defect in Iris, please report it; ${kernel} runs as JavaScript: ${text}`
}

function describe(event: JitEvents[JitEventName]): string {
  return Object.entries(event)
    .map(([key, value]) => (key === 'kernel' ? String(value) : `${key}=${show(value)}`))
    .join(' ')
}

function show(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2)
  if (Array.isArray(value)) return value.map(each => `${each.code}: ${each.message}`).join('; ')
  return String(value)
}

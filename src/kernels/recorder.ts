import type { Family } from './library.ts'

/** One call of a Wasm function of the library. */
export interface Step {
  readonly family: Family
  readonly name: string
  readonly params: readonly number[]
}

/** What a kernel of the library would do: its steps in order, and what makes its result of the value of the last. */
export interface Recording {
  readonly steps: Step[]
  result: (value: number) => unknown
}

/** While a recording is under way, steps are noted instead of run: see async.ts. */
export const recorder: { current: Recording | undefined } = { current: undefined }

/** Runs `work` for real, also during a recording: for tables that calls share. */
export function atOnce<R>(work: () => R): R {
  const held = recorder.current
  recorder.current = undefined
  try {
    return work()
  } finally {
    recorder.current = held
  }
}

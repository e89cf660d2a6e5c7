import { smaller } from './edits.ts'
import type { Sample } from './program.ts'

/** Whether a sample still shows the defect. */
export type Shows = (sample: Sample) => Promise<boolean>

export interface ShrinkLimits {
  readonly attempts: number
  readonly ms: number
}

/** Takes the first smaller sample that still shows the defect, until none does. */
export async function shrink(sample: Sample, shows: Shows, limits: ShrinkLimits): Promise<Sample> {
  const end = performance.now() + limits.ms
  let best = sample
  let attempts = limits.attempts
  for (let progress = true; progress; ) {
    progress = false
    for (const candidate of candidates(best)) {
      if (attempts-- <= 0 || performance.now() > end) return best
      if (!(await shows(candidate))) continue
      best = candidate
      progress = true
      break
    }
  }
  return best
}

function* candidates(sample: Sample): Generator<Sample> {
  if (sample.calls.length > 1) for (const call of sample.calls) yield { ...sample, calls: [call] }
  for (const source of smaller(sample.source)) yield { ...sample, source }
  for (const [i, call] of sample.calls.entries())
    for (const text of smaller(call)) yield { ...sample, calls: sample.calls.map((one, j) => (j === i ? text : one)) }
}

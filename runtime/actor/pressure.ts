import { extrasOf, type Process } from './process.ts'

export const PRESSURE_LEVELS = ['NORMAL', 'HIGH', 'CRITICAL'] as const
export type BackpressureLevel = (typeof PRESSURE_LEVELS)[number]

/** A mailbox without bounds is under pressure by the number of its messages. */
const UNBOUNDED_HIGH = 1_000
const UNBOUNDED_CRITICAL = 10_000
/** A level is left only well below where it was entered, so that it does not flicker. */
const HYSTERESIS = 0.1

interface Thresholds {
  readonly high: number
  readonly critical: number
  readonly slack: number
}

/** The level now; it is judged when somebody asks, with regard to the last answer. */
export function pressureOf(process: Process): BackpressureLevel {
  const before = process.extras?.pressure ?? 0
  const level = levelAt(process.userSize, thresholdsOf(process), before)
  if (level !== before) extrasOf(process).pressure = level
  return PRESSURE_LEVELS[level]!
}

function thresholdsOf(process: Process): Thresholds {
  const capacity = process.extras?.bound?.capacity
  if (capacity === undefined) {
    return { high: UNBOUNDED_HIGH, critical: UNBOUNDED_CRITICAL, slack: UNBOUNDED_HIGH * HYSTERESIS }
  }
  return { high: capacity * 0.5, critical: capacity * 0.9, slack: capacity * HYSTERESIS }
}

function levelAt(size: number, { high, critical, slack }: Thresholds, before: number): number {
  if (size >= critical || (before === 2 && size >= critical - slack)) return 2
  if (size >= high || (before >= 1 && size >= high - slack)) return 1
  return 0
}

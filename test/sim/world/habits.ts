import type { Random } from '../../fuzz/random.ts'

/** How the actors of one episode behave: each likes some things more than others (swarm testing, Groce et al. 2012). */
export interface Habits {
  readonly crash: number
  readonly async: number
  readonly stop: number
  readonly slow: number
  /** Weight of each operation by name. */
  readonly weight: (name: string, usual: number) => number
}

export function habitsOf(random: Random): Habits {
  return {
    crash: random.pick([0, 0.01, 0.05]),
    async: random.pick([0, 0.05, 0.2]),
    stop: random.pick([0, 0.01]),
    slow: random.pick([0, 0, 0.1]),
    weight: (_name, usual) => usual * random.pick([0, 1, 1, 1, 4]),
  }
}

import { isHelped, stopLoop, type TeamPlace } from './team.ts'
import { CLOSED, FAILED, generationOf, MEMBER, memberAt, partOf, stateOf } from './words.ts'

/** Others stop within microseconds of being asked; this is long enough for a machine that is very busy. */
const PATIENCE_MS = 2000

/**
 * Puts right what a dead thread leaves in the team: a loop that it helped with fails, since its part may be half done; a
 * loop of its own is closed, and nobody works on it any more when this returns.
 */
export function buryMember(i32: Int32Array, place: Pick<TeamPlace, 'team' | 'members'>, index: number): void {
  const own = memberAt(place.team, index)
  const helped = Atomics.exchange(i32, (own + MEMBER.helping) >> 2, 0)
  if (helped !== 0) {
    stopLoop(i32, place, helped, FAILED.died)
    Atomics.notify(i32, (helped + MEMBER.done) >> 2)
  }
  const state = Atomics.load(i32, (own + MEMBER.state) >> 2)
  if (partOf(state) === CLOSED) return
  stopLoop(i32, place, own, FAILED.died)
  Atomics.store(i32, (own + MEMBER.state) >> 2, stateOf(generationOf(state), CLOSED))
  const end = performance.now() + PATIENCE_MS
  while (isHelped(i32, place, own) && performance.now() < end);
}

let received = 0

/** Counts what it gets; runs on a scheduler thread. */
export default function count(message: unknown): number | undefined {
  if (message === 'count') return received
  received++
  return undefined
}

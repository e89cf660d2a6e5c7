/** The handler of `threads.ts`: runs on a scheduler thread and answers calls. */
export default function countPrimes(limit: number): number {
  let count = 0
  candidates: for (let n = 2; n < limit; n++) {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) continue candidates
    count++
  }
  return count
}

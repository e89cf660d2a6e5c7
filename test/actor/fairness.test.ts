import { expect, test } from 'vitest'
import { fairness } from '../../bench/actors/fairness.ts'

/** The promise is 5 ms on a quiet machine (bench/actors); a shared one gets room for its own pauses. */
test('a flooded actor delays neither a quiet one nor the I/O of the process', async () => {
  const { quietActor, tcpEcho, flooded } = await fairness(3_000_000)
  expect(flooded).toBe(3_000_000)
  expect(quietActor).toBeLessThan(50)
  expect(tcpEcho).toBeLessThan(50)
})

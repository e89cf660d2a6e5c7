import { describe, expect, test } from 'vitest'
import { FUNCTIONS } from '../catalogue.ts'
import type { Driver } from '../driver.ts'
import { measure } from '../measure.ts'

const POINTS = 20_000

export function accuracy(driver: Driver): void {
  describe('errors stay within the documented bounds', () => {
    for (const fn of FUNCTIONS) {
      test(`f64x2_${fn.name} ≤ ${fn.bound} ulp`, () => {
        const { ulp, at } = measure(driver, 'f64x2', fn, POINTS, 7)
        expect(ulp, `at ${at.join(', ')}`).toBeLessThanOrEqual(fn.bound)
        expect(ulp).toBeGreaterThan(0.49)
      })
      test(`f32x4_${fn.name} ≤ ${fn.boundF32} ulp`, () => {
        const { ulp, at } = measure(driver, 'f32x4', fn, POINTS, 8)
        expect(ulp, `at ${at.join(', ')}`).toBeLessThanOrEqual(fn.boundF32)
      })
    }
  })
}

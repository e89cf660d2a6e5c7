import { strict as assert } from 'node:assert'
import { type Kernel, offload } from '../../src/index.ts'

/**
 * A program of its own: TC39 decorators as TypeScript compiles them, and the compiler in its thread. Prints the
 * explanation as JSON; process.test.ts runs it.
 */
class Pricing {
  rate: number

  constructor(rate: number) {
    this.rate = rate
  }

  @offload({ tier: 'scalar' })
  total(values: Float64Array): number {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[i]! * this.rate
    return sum
  }

  @offload()
  static twice(x: number): number {
    return 2 * x
  }

  @offload() half = (x: number): number => x / 2
}

const pricing = new Pricing(2)
const total = pricing.total as Kernel<typeof pricing.total>
const values = Float64Array.of(1, 2)
assert.equal(pricing.total(values), 6)
const explanation = await total.warmup.call(pricing, values)
assert.equal(pricing.total(values), 6)
pricing.rate = 3
assert.equal(pricing.total(values), 9)
assert.equal(total.stats().calls.scalar, 2)
assert.equal(Pricing.twice(4), 8)
assert.equal(pricing.half(4), 2)
assert.ok('warmup' in pricing.half)
console.log(JSON.stringify(explanation))

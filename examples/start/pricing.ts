import type { Progress } from './geography.ts'
import { blackScholes, realisedVolatility } from './option-kernels.ts'
import { type Argument, inKernelMemory, type Lap, race, release, runner } from './race.ts'
import { dataset, readColumns } from './table.ts'

const STRIKES = 21
const MATURITIES = 10
const RATE = 0.03
/** trading days of one month */
const WINDOW = 21

export interface PricingResult {
  readonly laps: readonly Lap[]
  readonly explanations: readonly unknown[]
}

/** Prices calls for every day of the S&P 500 since 2000 over a grid of strikes and maturities. */
export async function measurePricing(progress: Progress): Promise<PricingResult> {
  progress('volatility of the S&P 500')
  const [close = new Float64Array()] = readColumns(dataset('sp500-2000.csv'), [{ name: 'close', range: [0.01, 1e6] }])
  const options = close.length * STRIKES * MATURITIES
  const arrays = {
    close,
    volatility: new Float64Array(close.length),
    moneyness: Float64Array.from({ length: STRIKES }, (_, i) => 0.8 + 0.02 * i),
    maturity: Float64Array.from({ length: MATURITIES }, (_, i) => (i + 1) / 12),
    prices: new Float64Array(options),
  }
  const kernelArrays = inKernelMemory(arrays)
  const volatility = runner(realisedVolatility, 'realisedVolatility')
  const volatilityArgs = (of: typeof arrays): Argument[] => [of.close, WINDOW, of.volatility]
  const volatilityLap = await race(volatility, close.length, volatilityArgs(arrays), volatilityArgs(kernelArrays), 7)

  progress('option prices')
  const prices = runner(blackScholes, 'blackScholes')
  const priceArgs = (of: typeof arrays): Argument[] => [
    of.close,
    of.volatility,
    of.moneyness,
    of.maturity,
    RATE,
    of.prices,
  ]
  const priceLap = await race(prices, options, priceArgs(arrays), priceArgs(kernelArrays), 5)
  const fast = runner(blackScholes, 'blackScholes', 'fast')
  const fastLap = await race(fast, options, priceArgs(arrays), priceArgs(kernelArrays), 5)
  release(kernelArrays)
  return {
    laps: [volatilityLap, priceLap, fastLap],
    explanations: [volatility, prices, fast].map(({ kernel }) => kernel.explain()),
  }
}

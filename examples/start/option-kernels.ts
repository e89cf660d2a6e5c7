/** Pricing, written as anyone would write it. Iris finds the helper `normalCdf` and the constants by itself. */

const INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI)

/** Standard normal distribution function: Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail =
    INVERSE_SQRT_2PI *
    Math.exp(-0.5 * x * x) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return x < 0 ? tail : 1 - tail
}

/**
 * Realised volatility per year: for each day the standard deviation of the logarithmic returns of the `window` days
 * before it (of as many as there are, at the beginning), times the square root of 252 trading days.
 */
export function realisedVolatility(price: Float64Array, window: number, volatility: Float64Array): void {
  for (let day = 0; day < price.length; day++) {
    const first = day < window ? 1 : day - window + 1
    const count = day - first + 1
    let sum = 0
    let squares = 0
    for (let i = first; i <= day; i++) {
      const r = Math.log(price[i]! / price[i - 1]!)
      sum += r
      squares += r * r
    }
    const variance = count > 1 ? (squares - (sum * sum) / count) / (count - 1) : 0
    volatility[day] = variance > 0 ? Math.sqrt(variance * 252) : 0.2
  }
}

/**
 * Black-Scholes prices of European calls for every day, strike and maturity, in that order of nesting. Strikes are
 * multiples of the day's price, maturities are years, `rate` is continuously compounded.
 */
export function blackScholes(
  price: Float64Array,
  volatility: Float64Array,
  moneyness: Float64Array,
  maturity: Float64Array,
  rate: number,
  call: Float64Array,
): void {
  let at = 0
  for (let day = 0; day < price.length; day++) {
    const spot = price[day]!
    const sigma = volatility[day]!
    for (let i = 0; i < moneyness.length; i++) {
      const strike = spot * moneyness[i]!
      for (let j = 0; j < maturity.length; j++) {
        const years = maturity[j]!
        const spread = sigma * Math.sqrt(years)
        const d1 = (Math.log(spot / strike) + (rate + 0.5 * sigma * sigma) * years) / spread
        const d2 = d1 - spread
        call[at++] = spot * normalCdf(d1) - strike * Math.exp(-rate * years) * normalCdf(d2)
      }
    }
  }
}

/**
 * Γ and log |Γ| in double-double arithmetic, by other ways than the kernel: Stirling's series above 35, reached by the recurrence;
 * near 1 and 2, where the logarithm vanishes, its Taylor series (Abramowitz and Stegun, 6.1.33, 6.1.41).
 */
import { add, type DD, div, fromNumber, mul, negate, scale, sub, twoSum } from './double-double.ts'
import { type Exact, exactly, expExact, logOf, logOfNumber } from './elementary.ts'

/** ζ(k) / k from k = 2 on */
const ZETA: readonly DD[] = [
  [0.8224670334241132, 1.520336175199238e-17],
  [0.40068563438653143, -2.250747042487504e-18],
  [0.27058080842778454, 1.1871280107138412e-17],
  [0.20738555102867398, 4.099767328621813e-18],
  [0.1695571769974082, 2.2393851330167238e-18],
  [0.1440498967688461, 9.623140085232555e-18],
  [0.12550966952474304, -2.5214685384672305e-18],
  [0.11133426586956469, 4.643990572582924e-18],
  [0.1000994575127818, 2.6102404859583283e-18],
  [0.09095401714582904, 8.306705457691885e-19],
  [0.083353840546109, 2.963832603652642e-19],
  [0.0769325164113522, -3.2900356019181198e-18],
  [0.07143294629536133, 6.278806024191499e-18],
  [0.06666870588242046, 3.2295860759966306e-18],
  [0.06250095514121304, 2.551099464019315e-18],
  [0.058823978658684585, -2.6912901341966357e-18],
  [0.055555767627403614, -3.0261864849830964e-18],
  [0.05263167937961666, 2.523843702471215e-18],
  [0.05000004769810169, 2.7894418264458796e-19],
  [0.047619070330142226, 2.4796342684293355e-18],
  [0.04545455629320467, 4.382931774550076e-19],
  [0.04347826605304026, -1.8462229880395943e-18],
  [0.04166666915034121, 2.308174687248266e-18],
  [0.04000000119214014, 3.145690613937729e-18],
  [0.03846153903467518, 3.3927204223959168e-18],
  [0.037037037312989324, 1.7709932414949877e-18],
  [0.035714285847333355, 3.3772026865595416e-18],
  [0.034482758684919304, -3.2599869270595477e-18],
  [0.03333333336437758, -2.2936827368961794e-18],
  [0.03225806453115042, -1.9360221160020273e-18],
  [0.03125000000727597, 2.9882678459447273e-18],
  [0.030303030306558044, 1.0358575273107387e-18],
  [0.029411764707594344, 5.39182240535956e-19],
  [0.02857142857226011, -2.2192395206779714e-19],
  [0.027777777778181998, -2.004197965384769e-19],
  [0.027027027027223673, 1.2790184981218429e-18],
  [0.02631578947377995, -1.6239410051822758e-18],
  [0.025641025641072283, -1.5949559980947e-18],
  [0.025000000000022737, 6.959457269079813e-19],
  [0.024390243902450117, -1.268641134829768e-18],
  [0.023809523809529224, -8.258411972939071e-19],
  [0.023255813953491015, 4.841797236855089e-19],
  [0.02272727272727402, 6.308316155334122e-19],
  [0.022222222222222855, -6.938818684126979e-19],
  [0.021739130434782917, 7.542300510682433e-19],
  [0.021276595744681003, -9.596334630967262e-19],
  [0.02083333333333341, -1.1564820561384392e-18],
  [0.02040816326530616, -2.8322007406009375e-19],
  [0.020000000000000018, 2.7859127159414075e-26],
  [0.019607843137254912, -1.4285957946413172e-18],
  [0.019230769230769235, -2.668805317892609e-19],
  [0.01886792452830189, -6.546126314706638e-19],
  [0.01851851851851852, -1.4134783875144913e-18],
  [0.01818181818181818, 1.3877787808856698e-18],
  [0.017857142857142856, 1.2390881971604117e-18],
  [0.017543859649122806, 1.0956148269438945e-18],
  [0.017241379310344827, 2.9909025448242033e-19],
  [0.01694915254237288, 8.820627844069815e-20],
]
/** B(2k) / (2k (2k - 1)) from k = 1 on */
const STIRLING: readonly DD[] = [
  [0.08333333333333333, 4.625929269271485e-18],
  [-0.002777777777777778, 1.0601087908747154e-19],
  [0.0007936507936507937, 6.883823317368282e-22],
  [-0.0005952380952380953, 5.36938218754726e-20],
  [0.0008417508417508417, 3.6870174889237694e-20],
  [-0.0019175269175269176, 1.0675702776872475e-19],
  [0.00641025641025641, 2.2240044563805217e-19],
  [-0.029550653594771242, 4.861760957508855e-19],
  [0.17964437236883057, -6.401600482710946e-19],
  [-1.3924322169059011, 1.5837056989230303e-17],
  [13.402864044168393, -6.154114101993966e-16],
  [-156.84828462600203, 9.391823141715389e-15],
  [2193.1033333333335, -1.3339255626002948e-13],
  [-36108.77125372499, 5.897583353514365e-13],
  [691472.268851313, 2.5585296305158e-11],
  [-15238221.539407415, -8.76774522490625e-10],
  [382900751.39141417, -2.4082684757733585e-8],
  [-10882266035.784391, 3.141830930219749e-7],
  [347320283765.00226, -6.048528997747748e-6],
  [-12369602142269.275, 0.0009363732896507286],
  [488788064793079.3, 0.022575815162518022],
  [-2.1320333960919372e16, -1.8969750589821368],
]
const EULER: DD = [0.5772156649015329, -4.942915152430645e-18]
const HALF_LOG_2PI: DD = [0.9189385332046728, -3.8782941580672414e-17]
const FAR = 36

/** log Γ(z), z ≥ 35 */
function stirling(z: number): DD {
  const inverse = div(fromNumber(1), fromNumber(z))
  const square = mul(inverse, inverse)
  let series: DD = [0, 0]
  for (let k = STIRLING.length - 1; k >= 0; k--) series = add(mul(series, square), STIRLING[k]!)
  const main = sub(mul(twoSum(z, -0.5), logOfNumber(z)), fromNumber(z))
  return add(add(main, HALF_LOG_2PI), mul(series, inverse))
}

/** x (x + 1) … (x + n - 1) as a value and an exponent; each factor exact. */
function ladder(x: number, n: number): Exact {
  let value: DD = [1, 0]
  let exponent = 0
  for (let i = 0; i < n; i++) {
    value = mul(value, twoSum(x, i))
    const e = Math.abs(value[0]) > 2 ** 300 ? 300 : Math.abs(value[0]) < 2 ** -300 ? -300 : 0
    if (e !== 0) value = scale(value, 2 ** -e)
    exponent += e
  }
  return exactly(value, exponent)
}

/**
 * How far x is moved up: where the sum would round, the argument of the series is not x + n, so that Γ there is corrected by
 * its derivative, which is the logarithm to first order.
 */
function moved(x: number): { readonly steps: number; readonly log: DD } {
  const steps = Math.max(0, Math.ceil(FAR - x))
  const [z, lost] = twoSum(x, steps)
  const v = 1 / (z * z)
  const digamma = Math.log(z) - 0.5 / z - v * (1 / 12 - v * (1 / 120 - v * (1 / 252 - v * (1 / 240 - v / 132))))
  return { steps, log: add(stirling(z), fromNumber(lost * digamma)) }
}

export function gammaOf(x: number): Exact {
  const { steps, log } = moved(x)
  const top = expExact(log)
  const bottom = ladder(x, steps)
  return exactly(div(top.value, bottom.value), top.exponent - bottom.exponent)
}

/** log Γ(1 + s) = -γ s + Σ ζ(k)/k (-s)^k, |s| < 0.3 */
function aboutOne(s: DD): DD {
  let sum: DD = [0, 0]
  for (let k = ZETA.length - 1; k >= 0; k--) sum = sub(ZETA[k]!, mul(s, sum))
  return mul(s, sub(mul(s, sum), EULER))
}

export function lgammaOf(x: number): Exact {
  if (Math.abs(x - 1) < 0.3) return exactly(aboutOne(twoSum(x, -1)))
  // Γ(2 + s) = (1 + s) Γ(1 + s)
  if (Math.abs(x - 2) < 0.3) {
    const s = twoSum(x, -2)
    return exactly(add(aboutOne(s), logOf(add(s, fromNumber(1)))))
  }
  if (Math.abs(x) < 2 ** -100) return exactly(negate(logOfNumber(Math.abs(x))))
  const { steps, log } = moved(x)
  const { value, exponent } = ladder(x, steps)
  const magnitude = value[0] < 0 ? negate(value) : value
  const scaled = add(logOf(magnitude), mul(fromNumber(exponent), [Math.LN2, 2.3190468138462996e-17]))
  return exactly(sub(log, scaled))
}

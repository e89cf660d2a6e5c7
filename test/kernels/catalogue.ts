/** The vector functions: where they live, what they are compared with, and which arguments are worth trying. */
import type { Random } from './random.ts'

export interface MathFunction {
  readonly name: string
  readonly arity: 1 | 2
  /** Source file in kernels/assembly/. */
  readonly module: string
  /** Largest error allowed, in ulp, for doubles; floats stay below `boundF32`. */
  readonly bound: number
  readonly boundF32: number
  /** Draws arguments within the domain, with the hard regions favoured. */
  readonly sample: (random: Random) => readonly number[]
}

/** x moved by a few units in the last place. */
function near(random: Random, x: number): number {
  return x * (1 + (random.integer(33) - 16) * 2 ** -53)
}
const signed = (random: Random, x: number): number => (random.unit() < 0.5 ? -x : x)

/** Angles: ordinary, around multiples of π/2, of every size, and the argument nearest to a multiple of π/2. */
function anAngle(random: Random): number {
  switch (random.integer(6)) {
    case 0:
      return random.uniform(-4, 4)
    case 1:
      return random.uniform(-26000, 26000)
    case 2:
      return signed(random, near(random, (random.integer(20000) + 1) * (Math.PI / 2)))
    case 3:
      return signed(random, random.logarithmic(1e-10, 1e7))
    case 4:
      return random.pick(HARD_ANGLES) * signed(random, 1)
    default:
      return random.anyDouble()
  }
}
/** Doubles extremely near to multiples of π/2 (Kahan; Muller et al. 2018) and to the ends of the fast reduction. */
const HARD_ANGLES = [
  6381956970095103 * 2 ** 797,
  5319372648326541 * 2 ** 416,
  16367173 * 2 ** 72,
  8248251512 * 2 ** -32,
  25735,
  25734.999999999996,
  0.7853981633974483,
  1e22,
  2 ** 1023,
  1.7976931348623157e308,
]

const atMost =
  (limit: number, ...around: number[]) =>
  (random: Random): number => {
    switch (random.integer(5)) {
      case 0:
        return random.uniform(-1, 1)
      case 1:
        return signed(random, random.logarithmic(1e-20, limit))
      case 2:
        return signed(random, near(random, random.pick([...around, limit / 2])))
      default:
        return random.uniform(-limit, limit)
    }
  }
function positive(random: Random): number {
  switch (random.integer(4)) {
    case 0:
      return random.uniform(0.5, 2)
    case 1:
      return near(random, 1) + signed(random, random.logarithmic(1e-17, 0.3))
    case 2:
      return random.logarithmic(1e-3, 1e6)
    default:
      return Math.abs(random.anyDouble()) || 1
  }
}

function withinOne(random: Random): number {
  switch (random.integer(4)) {
    case 0:
      return signed(random, random.logarithmic(1e-20, 1))
    case 1:
      return signed(random, 1 - random.logarithmic(1e-16, 0.5))
    case 2:
      return signed(random, near(random, random.pick([0.5, 1 - 2 ** -30, Math.SQRT1_2])))
    default:
      return random.uniform(-1, 1)
  }
}
function aSlope(random: Random): number {
  switch (random.integer(4)) {
    case 0:
      return signed(random, near(random, random.pick([0.5, 1, 2, 1 / 3, 3])))
    case 1:
      return random.uniform(-4, 4)
    case 2:
      return signed(random, random.logarithmic(1e-12, 1e12))
    default:
      return random.anyDouble()
  }
}
function aPoint(random: Random): readonly number[] {
  switch (random.integer(4)) {
    case 0:
      return [random.anyDouble(), random.anyDouble()]
    case 1: {
      const x = random.anyDouble()
      return [x * aSlope(random), x]
    }
    default:
      return [random.uniform(-10, 10), random.uniform(-10, 10)]
  }
}

function aboveMinusOne(random: Random): number {
  switch (random.integer(4)) {
    case 0:
      return signed(random, random.logarithmic(1e-20, 0.99))
    case 1:
      return random.logarithmic(1e-17, 1) - 1
    case 2:
      return random.uniform(-0.5, 2)
    default:
      return Math.abs(random.anyDouble())
  }
}
/** Bases and exponents whose power is a finite number: ordinary, whole, near the limits, and negative bases. */
function aPower(random: Random): readonly number[] {
  switch (random.integer(6)) {
    case 0:
      return [random.uniform(0, 10), random.uniform(-20, 20)]
    case 1:
      return [random.uniform(-100, 100), random.integer(41) - 20]
    case 2: {
      const x = random.logarithmic(1e-300, 1e300)
      return [x, random.uniform(-1074, 1024) / Math.log2(x)]
    }
    case 3: {
      const x = 1 + signed(random, random.logarithmic(1e-15, 0.1))
      return [x, random.uniform(-1074, 1024) / Math.log2(x)]
    }
    case 4:
      return [random.uniform(0.5, 2), random.uniform(-700, 700)]
    default: {
      const x = Math.abs(random.anyDouble()) || 1
      return [x, random.uniform(-1, 1)]
    }
  }
}
const anything = (random: Random): number => (random.unit() < 0.5 ? random.uniform(-8, 8) : random.anyDouble())

/** Ordinary, small, beside whole numbers, and towards the ends of the range of Γ; no pole. */
function aGamma(random: Random): number {
  const x = [
    () => random.uniform(-8, 30),
    () => random.uniform(-184, 171.6),
    () => signed(random, random.logarithmic(1e-300, 1)),
    () => random.integer(60) - 30 + signed(random, random.logarithmic(1e-12, 0.5)),
    () => random.uniform(165, 171.624),
  ][random.integer(5)]!()
  return Number.isInteger(x) && x <= 0 ? 0.5 : x
}
/** The same, and large arguments; beside 1 and 2, where log Γ vanishes. */
function aLogGamma(random: Random): number {
  const x = [
    () => aGamma(random),
    () => random.logarithmic(30, 1e290),
    () => random.integer(2) + 1 + signed(random, random.logarithmic(1e-14, 0.5)),
  ][random.integer(3)]!()
  return x === 1 || x === 2 ? 1.5 : x
}

const one = (sample: (random: Random) => number) => (random: Random) => [sample(random)]
const define = (
  module: string,
  name: string,
  bound: number,
  sample: (random: Random) => readonly number[],
  arity: 1 | 2 = 1,
): MathFunction => ({
  name,
  arity,
  module,
  bound,
  boundF32: 0.6,
  sample,
})

export const FUNCTIONS: readonly MathFunction[] = [
  define('math-trigonometric', 'sin', 1.01, one(anAngle)),
  define('math-trigonometric', 'cos', 1.01, one(anAngle)),
  define('math-trigonometric', 'tan', 1, one(anAngle)),
  define('math-inverse', 'asin', 1, one(withinOne)),
  define('math-inverse', 'acos', 1, one(withinOne)),
  define('math-inverse', 'atan', 1, one(aSlope)),
  define('math-inverse', 'atan2', 1, aPoint, 2),
  define('math-exponential', 'exp', 1, one(atMost(745, 708, 709.78, 0.34657359))),
  define('math-exponential', 'expm1', 1, one(atMost(709, 708, 0.34657359, 37, 40))),
  define('math-exponential', 'sinh', 1, one(atMost(710, 708, 0.34657359, 1))),
  define('math-exponential', 'cosh', 1, one(atMost(710, 708, 0.34657359, 1))),
  define('math-exponential', 'tanh', 1, one(atMost(24, 22, 0.17328679, 1))),
  define('math-logarithm', 'log', 1, one(positive)),
  define('math-logarithm', 'log1p', 1, one(aboveMinusOne)),
  define('math-logarithm', 'log2', 1, one(positive)),
  define('math-logarithm', 'log10', 1, one(positive)),
  define('math-power', 'pow', 1, aPower, 2),
  define('math-power', 'cbrt', 1, one(anything)),
  define('math-power', 'hypot', 1, aPoint, 2),
  define('math-special', 'erf', 1.05, one(atMost(6, 1, 5.9, 0.921875))),
  define('math-gamma', 'gamma', 1, one(aGamma)),
  define('math-gamma', 'lgamma', 1, one(aLogGamma)),
]

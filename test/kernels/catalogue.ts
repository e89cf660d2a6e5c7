/** The vector functions: where they live, what they are compared with, and which arguments are worth trying. */
import type { Random } from './random.ts'

export interface MathFunction {
  readonly name: string
  readonly arity: 1 | 2
  /** Target of asconfig.json, and source file in kernels/assembly/. */
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
const HARD_ANGLES = [6381956970095103 * 2 ** 797, 5319372648326541 * 2 ** 416, 16367173 * 2 ** 72, 8248251512 * 2 ** -32, 25735, 25734.999999999996, 0.7853981633974483, 1e22, 2 ** 1023, 1.7976931348623157e308]

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

const one = (sample: (random: Random) => number) => (random: Random) => [sample(random)]
const define = (module: string, name: string, bound: number, sample: (random: Random) => readonly number[], arity: 1 | 2 = 1): MathFunction => ({
  name,
  arity,
  module,
  bound,
  boundF32: 0.6,
  sample,
})

export const FUNCTIONS: readonly MathFunction[] = [
  define('math-trigonometric', 'sin', 1, one(anAngle)),
  define('math-trigonometric', 'cos', 1, one(anAngle)),
  define('math-trigonometric', 'tan', 1, one(anAngle)),
  define('math-exponential', 'exp', 1, one(atMost(745, 708, 709.78, 0.34657359))),
  define('math-logarithm', 'log', 1, one(positive)),
]

import { middle } from './halves.ts'
import type { Step } from './library.ts'

/** A step as several that may run at once, each result what the whole would give, bit for bit. */
export interface Split {
  readonly parts: readonly Step[]
  /** the value of the whole from those of the parts */
  readonly value: (values: readonly number[]) => number
  /** what is run afterwards */
  readonly after: readonly Step[]
}

/** Elements below which a part is not worth a thread: some 20 µs of work. */
const LEAST = 32_768

const SIZES: Readonly<Record<string, number>> = { f64: 8, f32: 4, i32: 4, u32: 4, i16: 2, i8: 1, u8: 1 }

/** Splits the step into at most `parts`; undefined where it stays whole. `room` gives scratch memory, zeroed in front. */
export function split(step: Step, parts: number, room: (bytes: number) => number): Split | undefined {
  const [, kernel = '', elem = ''] = /^(\w+?)(?:_(\w+))?$/.exec(step.name) ?? []
  const size = SIZES[elem] ?? 1
  const rows = ROWS[`${step.family}.${kernel}`]
  if (rows) return byElements(step, parts, rows, size)
  if (step.family === 'vectors' && HALVED.has(kernel)) return byHalves(step, parts, size)
  if (kernel === 'gemm') return byPanels(step, parts, size, room)
  if (kernel === 'scan') return byRows(step, parts, elem === 'i8' ? 1 : 0, room)
  return undefined
}

/** Where a step has its count, and addresses with their bytes an element (0: the size of the kind). */
interface Elementwise {
  readonly count: number
  readonly addresses: readonly (readonly [index: number, bytes: number])[]
}

const three: Elementwise = {
  count: 3,
  addresses: [
    [0, 0],
    [1, 0],
    [2, 0],
  ],
}
const two: Elementwise = {
  count: 3,
  addresses: [
    [0, 0],
    [2, 0],
  ],
}
const ROWS: Readonly<Record<string, Elementwise>> = {
  'vectors.add': three,
  'vectors.sub': three,
  'vectors.mul': three,
  'vectors.div': three,
  'vectors.addNumber': two,
  'vectors.subNumber': two,
  'vectors.mulNumber': two,
  'vectors.divNumber': two,
  'vectors.axpy': {
    count: 4,
    addresses: [
      [1, 0],
      [2, 0],
      [3, 0],
    ],
  },
  'vectors.clamp': {
    count: 4,
    addresses: [
      [0, 0],
      [3, 0],
    ],
  },
  'order.ranks': {
    count: 3,
    addresses: [
      [2, 0],
      [5, 4],
    ],
  },
  'image.grayscale': {
    count: 1,
    addresses: [
      [0, 4],
      [2, 1],
    ],
  },
}

const last = (values: readonly number[]): number => values.at(-1) ?? 0

function replaced(step: Step, changes: Readonly<Record<number, number>>): Step {
  return { ...step, params: step.params.map((value, i) => changes[i] ?? value) }
}

/** Cuts [0, total) at multiples of `unit` into at most `parts` of at least `least`. */
function cuts(total: number, parts: number, unit: number, least: number): (readonly [from: number, to: number])[] {
  const count = Math.max(1, Math.min(parts, Math.floor(total / least)))
  const step = Math.ceil(total / count / unit) * unit
  const out: (readonly [number, number])[] = []
  for (let from = 0; from < total; from += step) out.push([from, Math.min(total, from + step)])
  return out
}

function byElements(step: Step, parts: number, { count, addresses }: Elementwise, size: number): Split | undefined {
  const ranges = cuts(step.params[count]!, parts, 64, LEAST)
  if (ranges.length < 2) return undefined
  const steps = ranges.map(([from, to]) => {
    const moved = addresses.map(([index, bytes]) => [index, step.params[index]! + from * (bytes || size)] as const)
    return replaced(step, { ...Object.fromEntries(moved), [count]: to - from })
  })
  return { parts: steps, value: last, after: [] }
}

const HALVED = new Set(['sum', 'dot', 'euclidean', 'manhattan', 'hamming', 'hammingBits'])

/** Reductions are cut where they are added pairwise anyway. */
function byHalves(step: Step, parts: number, size: number): Split | undefined {
  const depth = Math.ceil(Math.log2(Math.max(1, parts)))
  const count = step.params.length - 1
  const steps: Step[] = []
  const plan = (from: number, n: number, level: number): Tree => {
    if (level === 0 || n < 2 * LEAST) return steps.push(ranged(step, from, n, size)) - 1
    const left = middle(n)
    return [plan(from, left, level - 1), plan(from + left, n - left, level - 1)]
  }
  const tree = plan(0, step.params[count]!, depth)
  if (steps.length < 2) return undefined
  return { parts: steps, value: values => total(tree, values), after: [] }
}

type Tree = number | readonly [Tree, Tree]
const total = (tree: Tree, values: readonly number[]): number =>
  typeof tree === 'number' ? values[tree]! : total(tree[0], values) + total(tree[1], values)

/** Addresses, then the number of elements. */
function ranged(step: Step, from: number, n: number, size: number): Step {
  const count = step.params.length - 1
  return { ...step, params: step.params.map((value, i) => (i === count ? n : value + from * size)) }
}

/** Rows of A and C; every part packs for itself. */
function byPanels(step: Step, parts: number, size: number, room: (bytes: number) => number): Split | undefined {
  const [m, n, k] = step.params as readonly [number, number, number]
  const ranges = cuts(m, parts, 4, Math.max(4, Math.ceil((1 << 18) / (n * k + 1))))
  if (ranges.length < 2) return undefined
  const work = 256 + (Math.min(m, 128) + Math.min(n, 1024) + 10) * Math.min(k, 256) * size
  const steps = ranges.map(([from, to]) => {
    const [a, ra, c] = [step.params[4]!, step.params[5]!, step.params[11]!]
    return replaced(step, { 0: to - from, 4: a + from * ra * size, 11: c + from * n * size, 12: room(work) })
  })
  return { parts: steps, value: last, after: [] }
}

/** Rows of the matrix, each part with a heap of its own; the first has the heap of the whole. */
function byRows(step: Step, parts: number, shift: number, room: (bytes: number) => number): Split | undefined {
  const [FROM, TO, D] = [2 + shift, 3 + shift, 4 + shift]
  const [HEAP, K] = shift ? [9, 10] : [7, 8]
  const [first, end, k] = [step.params[FROM]!, step.params[TO]!, step.params[K]!]
  const ranges = cuts(end - first, parts, 1, Math.max(1, Math.ceil(LEAST / step.params[D]!)))
  if (ranges.length < 2) return undefined
  const steps = ranges.map(([from, to], i) =>
    replaced(step, {
      [FROM]: first + from,
      [TO]: first + to,
      ...(i > 0 && { [HEAP]: room(16 * (k + 1)) }),
    }),
  )
  const after = steps.slice(1).map(part => ({
    family: step.family,
    name: 'absorb',
    params: [step.params[HEAP]!, part.params[HEAP]!, k],
  }))
  return { parts: steps, value: last, after }
}

import { library } from './library.ts'
import { atOnce } from './recorder.ts'

/** Tables kept; the one least recently used goes first. */
const KEPT = 12

const tables = new Map<string, number>()

/** Address of a table in kernel memory, filled when it is first asked for. */
export function table(name: string, bytes: number, fill: (values: Float64Array) => void): number {
  const known = tables.get(name)
  if (known !== undefined) {
    tables.delete(name)
    tables.set(name, known)
    return known
  }
  return make(name, bytes, fill)
}

function make(name: string, bytes: number, fill: (values: Float64Array) => void): number {
  const values = new Float64Array(bytes / 8)
  atOnce(() => fill(values))
  const { memory } = library()
  const address = memory.take(bytes)
  memory.heap.f64.set(values, address / 8)
  tables.set(name, address)
  const [oldest, at] = [...tables][0]!
  if (tables.size > KEPT) {
    tables.delete(oldest)
    memory.give(at)
  }
  return address
}

/** exp(-2πi k / n) for k < count, interleaved. The angle is reduced to an eighth of a turn, where sin and cos are best. */
export function fillRoots(values: Float64Array, n: number, count: number): void {
  for (let k = 0; k < count; k++) {
    const [re, im] = root(k % n, n)
    values[2 * k] = re
    values[2 * k + 1] = im
  }
}

/** exp(-2πi k / n), 0 ≤ k < n */
export function root(k: number, n: number): readonly [number, number] {
  const octant = Math.floor((8 * k) / n)
  const angle = (from: number): number => (2 * Math.PI * from) / n
  switch (octant) {
    case 0:
      return [Math.cos(angle(k)), -Math.sin(angle(k))]
    case 1:
      return [Math.sin(angle(n / 4 - k)), -Math.cos(angle(n / 4 - k))]
    case 2:
      return [-Math.sin(angle(k - n / 4)), -Math.cos(angle(k - n / 4))]
    case 3:
      return [-Math.cos(angle(n / 2 - k)), -Math.sin(angle(n / 2 - k))]
    default: {
      const [re, im] = root(k - n / 2, n)
      return [-re, -im]
    }
  }
}

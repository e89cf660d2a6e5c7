import { distances, nearest, unitVectors } from './geo-kernels.ts'
import { type Argument, inKernelMemory, type Lap, race, release, runner, total } from './race.ts'

export interface Neighbours {
  /** index of each point's nearest other point */
  readonly neighbour: Int32Array
  /** and the distance to it in kilometres */
  readonly distance: Float64Array
}

export interface GeographyResult extends Neighbours {
  readonly laps: readonly Lap[]
  readonly explanations: readonly unknown[]
}

/** Distances are kept for a block of rows at a time: at most 16 million of them, 128 MB for each side. */
const BLOCK_ELEMENTS = 2 ** 24
/** Above this many pairs one round of timing is enough. */
const MANY_PAIRS = 2 ** 27

export type Progress = (text: string) => void

/** All pairs of great-circle distances and each point's nearest neighbour, in JavaScript and with Iris. */
export async function measureGeography(
  latitude: Float64Array,
  longitude: Float64Array,
  progress: Progress,
): Promise<GeographyResult> {
  const n = latitude.length
  const runners = {
    vectors: runner(unitVectors, 'unitVectors'),
    distances: runner(distances, 'distances'),
    fastDistances: runner(distances, 'distances', 'fast'),
    nearest: runner(nearest, 'nearest'),
  }
  const rowsPerBlock = Math.max(1, Math.min(n, Math.floor(BLOCK_ELEMENTS / n)))
  const arrays = {
    latitude,
    longitude,
    x: new Float64Array(n),
    y: new Float64Array(n),
    z: new Float64Array(n),
    km: new Float64Array(rowsPerBlock * n),
    neighbour: new Int32Array(n),
    distance: new Float64Array(n),
  }
  const kernelArrays = inKernelMemory(arrays)
  type Arrays = typeof arrays
  progress('unit vectors')
  const vectorArgs = (of: Arrays): Argument[] => [of.latitude, of.longitude, of.x, of.y, of.z]
  const vectorLap = await race(runners.vectors, n, vectorArgs(arrays), vectorArgs(kernelArrays), 5)

  const laps: Record<'distances' | 'fast' | 'nearest', Lap[]> = { distances: [], fast: [], nearest: [] }
  const rounds = n * n > MANY_PAIRS ? 1 : 5
  for (let from = 0; from < n; from += rowsPerBlock) {
    const to = Math.min(n, from + rowsPerBlock)
    const pairs = (to - from) * n
    progress(`distances, rows ${from + 1} to ${to} of ${n}`)
    const distanceArgs = (of: Arrays): Argument[] => [of.x, of.y, of.z, from, to, of.km]
    laps.distances.push(await race(runners.distances, pairs, distanceArgs(arrays), distanceArgs(kernelArrays), rounds))
    laps.fast.push(await race(runners.fastDistances, pairs, distanceArgs(arrays), distanceArgs(kernelArrays), rounds))
    // the search below compares bits, and so wants the distances of the exact kernel
    kernelArrays.km.set(arrays.km)
    progress(`nearest neighbours, rows ${from + 1} to ${to} of ${n}`)
    const nearestArgs = (of: Arrays): Argument[] => [of.km, n, from, to, of.neighbour, of.distance]
    laps.nearest.push(await race(runners.nearest, pairs, nearestArgs(arrays), nearestArgs(kernelArrays), rounds))
  }
  release(kernelArrays)
  return {
    neighbour: arrays.neighbour,
    distance: arrays.distance,
    laps: [vectorLap, total(laps.distances), total(laps.fast), total(laps.nearest)],
    explanations: Object.values(runners).map(({ kernel }) => kernel.explain()),
  }
}

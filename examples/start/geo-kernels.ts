/**
 * Great-circle geometry, written as anyone would write it: plain functions over typed arrays. Iris gets these very
 * functions; nothing in here knows about it.
 */

/** Mean radius of the Earth in kilometres (IUGG). */
const RADIUS_KM = 6371.0088
const RADIANS = Math.PI / 180

/** Points of the unit sphere from degrees of latitude and longitude. */
export function unitVectors(
  latitude: Float64Array,
  longitude: Float64Array,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
): void {
  for (let i = 0; i < latitude.length; i++) {
    const phi = latitude[i]! * RADIANS
    const lambda = longitude[i]! * RADIANS
    x[i] = Math.cos(phi) * Math.cos(lambda)
    y[i] = Math.cos(phi) * Math.sin(lambda)
    z[i] = Math.sin(phi)
  }
}

/**
 * Great-circle distances in kilometres from the points `from` … `to - 1` to all points, row by row.
 *
 * This is the haversine formula on unit vectors: half the chord is the sine of half the central angle, which is exact
 * for near points where the law of cosines is not (Sinnott, "Virtues of the haversine", 1984).
 */
export function distances(
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  from: number,
  to: number,
  km: Float64Array,
): void {
  const n = x.length
  for (let i = from; i < to; i++) {
    const row = (i - from) * n
    for (let j = 0; j < n; j++) {
      const dx = x[i]! - x[j]!
      const dy = y[i]! - y[j]!
      const dz = z[i]! - z[j]!
      const half = 0.5 * Math.sqrt(dx * dx + dy * dy + dz * dz)
      km[row + j] = 2 * RADIUS_KM * Math.asin(Math.min(half, 1))
    }
  }
}

/** Of each row of `km` the smallest distance to another point, and which point that is. */
export function nearest(
  km: Float64Array,
  n: number,
  from: number,
  to: number,
  neighbour: Int32Array,
  distance: Float64Array,
): void {
  for (let i = from; i < to; i++) {
    const row = (i - from) * n
    let best = Infinity
    let at = -1
    for (let j = 0; j < n; j++) {
      const d = km[row + j]!
      if (j !== i && d < best) {
        best = d
        at = j
      }
    }
    neighbour[i] = at
    distance[i] = best
  }
}

/** What people write where no package does it: plain loops over typed arrays, well written. */

type Product = <T extends Float64Array | Float32Array>(a: T, b: T, c: T, n: number) => T

/** One function for each kind, so that each stays fast. */
export function ikj(kind: 'f64' | 'f32'): Product {
  const loop = new Function(
    'a',
    'b',
    'c',
    'n',
    `c.fill(0) // ${kind}
    for (let i = 0; i < n; i++)
      for (let k = 0; k < n; k++) {
        const f = a[i * n + k]
        for (let j = 0; j < n; j++) c[i * n + j] += f * b[k * n + j]
      }
    return c`,
  )
  return loop as Product
}

/** Rows nearest by cosine, by insertion into a short list. */
export function topRows(matrix: Float32Array, query: Float32Array, k: number): number[] {
  const d = query.length
  let qq = 0
  for (let j = 0; j < d; j++) qq += query[j]! * query[j]!
  const rows: number[] = []
  const scores: number[] = []
  for (let row = 0, at = 0; at < matrix.length; row++, at += d) {
    let [xq, xx] = [0, 0]
    for (let j = 0; j < d; j++) {
      const v = matrix[at + j]!
      xq += v * query[j]!
      xx += v * v
    }
    const score = xq / Math.sqrt(xx * qq)
    if (scores.length === k && score <= scores[k - 1]!) continue
    let place = Math.min(scores.length, k - 1)
    for (; place > 0 && scores[place - 1]! < score; place--) {
      scores[place] = scores[place - 1]!
      rows[place] = rows[place - 1]!
    }
    scores[place] = score
    rows[place] = row
  }
  return rows
}

export function grayLoop(x: Uint8Array, out: Uint8Array): Uint8Array {
  for (let i = 0, p = 0; i < out.length; i++, p += 4)
    out[i] = (77 * x[p]! + 150 * x[p + 1]! + 29 * x[p + 2]! + 128) >> 8
  return out
}

/** Means over squares by running sums, rows first. */
export function blurRows(x: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const between = new Uint8Array(x.length)
  const out = new Uint8Array(x.length)
  for (let y = 0; y < height; y++) blurLine(x, between, y * width * 4, 4, width, radius)
  for (let j = 0; j < width; j++) blurLine(between, out, j * 4, width * 4, height, radius)
  return out
}

function blurLine(x: Uint8Array, out: Uint8Array, at: number, step: number, n: number, radius: number): void {
  const size = 2 * radius + 1
  for (let c = at; c < at + 4; c++) {
    let sum = (radius + 1) * x[c]!
    for (let i = 1; i <= radius; i++) sum += x[c + Math.min(i, n - 1) * step]!
    for (let i = 0; i < n; i++) {
      out[c + i * step] = Math.floor((2 * sum + size) / (2 * size))
      sum += x[c + Math.min(i + radius + 1, n - 1) * step]! - x[c + Math.max(i - radius, 0) * step]!
    }
  }
}

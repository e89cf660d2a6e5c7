/**
 * The same loops by hand in AssemblyScript with SIMD intrinsics, and two loops that only measure the machine: what a
 * core moves (triad, in working sets of the size given) and what it multiplies and adds.
 */
const SOURCE = `
export function saxpy(n: i32, a: f64, x: usize, y: usize): void {
  const k = f64x2.splat(a)
  for (let end = x + (<usize>n << 3); x < end; x += 32, y += 32) {
    v128.store(y, f64x2.add(f64x2.mul(k, v128.load(x)), v128.load(y)))
    v128.store(y, f64x2.add(f64x2.mul(k, v128.load(x, 16)), v128.load(y, 16)), 16)
  }
}
export function dot32(n: i32, x: usize, y: usize): f64 {
  let a = f32x4.splat(0), b = a, c = a, d = a
  for (let end = x + (<usize>n << 2); x < end; x += 64, y += 64) {
    a = f32x4.add(a, f32x4.mul(v128.load(x), v128.load(y)))
    b = f32x4.add(b, f32x4.mul(v128.load(x, 16), v128.load(y, 16)))
    c = f32x4.add(c, f32x4.mul(v128.load(x, 32), v128.load(y, 32)))
    d = f32x4.add(d, f32x4.mul(v128.load(x, 48), v128.load(y, 48)))
  }
  const s = f32x4.add(f32x4.add(a, b), f32x4.add(c, d))
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3)
}
@inline function grey4(p: usize): v128 {
  const w = v128.load(p), low = i32x4.splat(255)
  const r = i32x4.mul(v128.and(w, low), i32x4.splat(77))
  const g = i32x4.mul(v128.and(i32x4.shr_u(w, 8), low), i32x4.splat(150))
  const b = i32x4.mul(v128.and(i32x4.shr_u(w, 16), low), i32x4.splat(29))
  return i32x4.shr_u(i32x4.add(i32x4.add(r, g), b), 8)
}
export function grey(n: i32, rgba: usize, out: usize): void {
  for (let end = out + n; out < end; out += 16, rgba += 64) {
    const low = i16x8.narrow_i32x4_u(grey4(rgba), grey4(rgba + 16))
    v128.store(out, i8x16.narrow_i16x8_u(low, i16x8.narrow_i32x4_u(grey4(rgba + 32), grey4(rgba + 48))))
  }
}
export function stencil(src: usize, dst: usize, width: i32, height: i32): void {
  const row = <usize>width << 3, k = f64x2.splat(0.2)
  for (let y = 1; y < height - 1; y++) {
    let s = src + <usize>y * row + 8, d = dst + <usize>y * row + 8
    for (let x = 1; x < width - 1; x += 2, s += 16, d += 16) {
      const sides = f64x2.add(f64x2.add(v128.load(s), v128.load(s - 8)), v128.load(s + 8))
      v128.store(d, f64x2.mul(k, f64x2.add(f64x2.add(sides, v128.load(s - row)), v128.load(s + row))))
    }
  }
}
export function matmul(a: usize, b: usize, c: usize, n: i32): void {
  const row = <usize>n << 3
  memory.fill(c, 0, row * <usize>n)
  for (let i = 0; i < n; i++, a += row, c += row) {
    for (let k = 0; k < n; k++) {
      const f = f64x2.splat(load<f64>(a + (<usize>k << 3)))
      let p = b + <usize>k * row
      for (let q = c, end = c + row; q < end; q += 32, p += 32) {
        v128.store(q, f64x2.add(v128.load(q), f64x2.mul(f, v128.load(p))))
        v128.store(q, f64x2.add(v128.load(q, 16), f64x2.mul(f, v128.load(p, 16))), 16)
      }
    }
  }
}
export function triad(n: i32, x: usize, y: usize, out: usize): void {
  const k = f64x2.splat(3)
  for (let end = x + (<usize>n << 3); x < end; x += 64, y += 64, out += 64) {
    v128.store(out, f64x2.add(v128.load(x), f64x2.mul(k, v128.load(y))))
    v128.store(out, f64x2.add(v128.load(x, 16), f64x2.mul(k, v128.load(y, 16))), 16)
    v128.store(out, f64x2.add(v128.load(x, 32), f64x2.mul(k, v128.load(y, 32))), 32)
    v128.store(out, f64x2.add(v128.load(x, 48), f64x2.mul(k, v128.load(y, 48))), 48)
  }
}
export function peak(rounds: i32, factor: f64): f64 {
  const k = f64x2.splat(factor)
  let a = f64x2.splat(1), b = a, c = a, d = a, e = a, f = a, g = a, h = a, m = a, j = a
  for (let i = 0; i < rounds; i++) {
    a = f64x2.add(f64x2.mul(a, k), k)
    b = f64x2.add(f64x2.mul(b, k), k)
    c = f64x2.add(f64x2.mul(c, k), k)
    d = f64x2.add(f64x2.mul(d, k), k)
    e = f64x2.add(f64x2.mul(e, k), k)
    f = f64x2.add(f64x2.mul(f, k), k)
    g = f64x2.add(f64x2.mul(g, k), k)
    h = f64x2.add(f64x2.mul(h, k), k)
    m = f64x2.add(f64x2.mul(m, k), k)
    j = f64x2.add(f64x2.mul(j, k), k)
  }
  let s = a
  s = f64x2.add(s, b)
  s = f64x2.add(s, c)
  s = f64x2.add(s, d)
  s = f64x2.add(s, e)
  s = f64x2.add(s, f)
  s = f64x2.add(s, g)
  s = f64x2.add(s, h)
  s = f64x2.add(s, m)
  s = f64x2.add(s, j)
  return f64x2.extract_lane(s, 0)
}
`

export interface Hand {
  readonly memory: WebAssembly.Memory
  readonly saxpy: (n: number, a: number, x: number, y: number) => void
  readonly dot32: (n: number, x: number, y: number) => number
  readonly grey: (n: number, rgba: number, out: number) => void
  readonly stencil: (src: number, dst: number, width: number, height: number) => void
  readonly matmul: (a: number, b: number, c: number, n: number) => void
  readonly triad: (n: number, x: number, y: number, out: number) => void
  readonly peak: (rounds: number, factor: number) => number
}

const PAGES = 1024

/** Compiles the module; arrays are placed by {@link placed}. */
export async function compileHand(): Promise<Hand> {
  const flags = [
    '--enable',
    'simd',
    '--importMemory',
    '--initialMemory',
    String(PAGES),
    '--runtime',
    'stub',
    '-O3',
    '--noAssert',
  ]
  const { error, binary, stderr } = await compileWith(flags)
  if (error || !binary) throw new Error(`the hand-written loops do not compile: ${stderr}`)
  const memory = new WebAssembly.Memory({ initial: PAGES })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>), {
    env: { memory, abort: () => undefined },
  })
  return { ...(exports as unknown as Omit<Hand, 'memory'>), memory }
}

/** The part of asc's interface that is used. (Its own types redeclare globals such as `console`.) */
interface AssemblyScript {
  readonly main: (
    args: readonly string[],
    host: {
      readFile: (name: string) => string | null
      writeFile: (name: string, contents: Uint8Array | string) => void
      listFiles: () => readonly string[]
    },
  ) => Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>
}
const ASC = 'assemblyscript/asc'

interface Compiled {
  readonly error: Error | null
  readonly binary?: Uint8Array
  readonly stderr: string
}

async function compileWith(flags: readonly string[]): Promise<Compiled> {
  const { default: asc } = (await import(ASC)) as { default: AssemblyScript }
  let binary: Uint8Array | undefined
  const { error, stderr } = await asc.main(['hand.ts', '--outFile', 'hand.wasm', ...flags], {
    readFile: (name: string) => (name === 'hand.ts' ? SOURCE : null),
    writeFile: (name: string, contents: Uint8Array | string) => {
      if (name === 'hand.wasm' && typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
  })
  return { error, stderr: stderr.toString(), ...(binary && { binary }) }
}

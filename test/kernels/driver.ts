/**
 * Vector functions cannot be called from JavaScript (v128 does not cross the border), so a module of loops around them
 * is compiled on the fly from the same sources: `map` runs a lane function over whole arrays.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtFile } from '../../base/files.ts'
import type { MathFunction } from './catalogue.ts'

/** The part of asc that is used here. Its own declarations make `console` global a second time, with less in it. */
interface AssemblyScriptCompiler {
  main(
    args: readonly string[],
    files: {
      readFile(name: string, folder: string): string | null
      writeFile(name: string, contents: Uint8Array | string, folder: string): void
      listFiles(folder: string, base: string): string[]
    },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>
}

async function loadCompiler(): Promise<AssemblyScriptCompiler> {
  const name = 'assemblyscript/asc'
  return ((await import(name)) as { default: AssemblyScriptCompiler }).default
}

export type Lanes = 'f64x2' | 'f32x4'
export type LaneArray = Float64Array | Float32Array
/** Numbers as an array of the element type of the lanes. */
export const laneArray = (lanes: Lanes, values: readonly number[]): LaneArray =>
  lanes === 'f64x2' ? Float64Array.from(values) : Float32Array.from(values)

/** The folder of the AssemblyScript sources: dist/ lies beside kernels/. */
const sourceFolder = new URL('../kernels/assembly/', builtFile(''))
const sources = fileURLToPath(sourceFolder)
const CAPACITY = 1 << 16

const name = (lanes: Lanes, fn: MathFunction): string => `${lanes}_${fn.name}`

function loop(lanes: Lanes, fn: MathFunction): string {
  const args = fn.arity === 1 ? 'v128.load(x + i)' : 'v128.load(x + i), v128.load(y + i)'
  return `import { ${name(lanes, fn)} } from './${fn.module}'
export function map_${name(lanes, fn)}(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, ${name(lanes, fn)}(${args}))
}
`
}

/** Wasm of loops over the functions, for one memory of its own: x, y and out follow each other from byte 65536 on. */
export async function compileLoops(functions: readonly MathFunction[], lanes: readonly Lanes[]): Promise<Uint8Array> {
  const text = lanes.flatMap(l => functions.map(fn => loop(l, fn))).join('')
  let binary: Uint8Array | undefined
  const asc = await loadCompiler()
  const { error, stderr } = await asc.main(
    [
      'loops.ts',
      '--outFile',
      'loops.wasm',
      '-O3',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--noAssert',
      '--use',
      'abort=',
      '--initialMemory',
      '32',
    ],
    {
      readFile: file => (file === 'loops.ts' ? text : read(join(sources, file))),
      writeFile: (file, contents) => {
        if (file === 'loops.wasm') binary = contents as Uint8Array
      },
      listFiles: () => [],
    },
  )
  if (error || !binary) throw new Error(`loops do not compile: ${stderr.toString()}`)
  const { poolConstants } = (await import(new URL('../constants.mjs', sourceFolder).href)) as Pooling
  return poolConstants(binary, CONSTANTS).bytes
}

/** kernels/constants.mjs, the last step of building a kernel. */
interface Pooling {
  poolConstants(bytes: Uint8Array, base: number): { readonly bytes: Uint8Array; readonly end: number }
}
/** Where the constants of the loops lie: below the arrays. */
const CONSTANTS = 1024

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // The compiler probes for files that need not exist.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'EISDIR')
      return null
    throw error
  }
}

export interface Driver {
  /** Applies the function to arrays of any length: Float64Array for f64x2, Float32Array for f32x4. */
  map<A extends LaneArray>(lanes: Lanes, fn: MathFunction, x: A, y?: A): A
  /** Copies at most 65536 arguments into the module's memory and gives the bare call over them, to be timed. */
  prepare(lanes: Lanes, fn: MathFunction, x: LaneArray, y?: LaneArray): () => void
}

type Loop = (x: number, y: number, out: number, bytes: number) => void
type Kind<A> = new (source: number | ArrayBuffer, offset?: number, length?: number) => A

/** Offsets of x, y and out, each with room for CAPACITY doubles. */
const X = 65536
const Y = X + 8 * CAPACITY
const OUT = Y + 8 * CAPACITY

export async function createDriver(
  functions: readonly MathFunction[],
  lanes: readonly Lanes[] = ['f64x2', 'f32x4'],
): Promise<Driver> {
  const module = new WebAssembly.Module((await compileLoops(functions, lanes)) as Uint8Array<ArrayBuffer>)
  const { exports } = new WebAssembly.Instance(module, {})
  const memory = (exports.memory as WebAssembly.Memory).buffer
  const place = (offset: number, kind: Kind<LaneArray>, values: LaneArray | undefined): void => {
    const view = new kind(memory, offset, CAPACITY).fill(0)
    if (values) view.set(values)
  }
  const prepare: Driver['prepare'] = (lane, fn, x, y) => {
    const run = exports[`map_${name(lane, fn)}`] as Loop
    const kind = x.constructor as Kind<LaneArray>
    place(X, kind, x)
    place(Y, kind, y)
    const bytes = Math.ceil((x.length * x.BYTES_PER_ELEMENT) / 16) * 16
    return () => run(X, Y, OUT, bytes)
  }
  return {
    prepare,
    map(lane, fn, x, y) {
      const kind = x.constructor as Kind<typeof x>
      const out = new kind(x.length)
      for (let i = 0; i < x.length; i += CAPACITY) {
        const n = Math.min(CAPACITY, x.length - i)
        prepare(lane, fn, x.subarray(i, i + n), y?.subarray(i, i + n))()
        out.set(new kind(memory, OUT, n), i)
      }
      return out
    },
  }
}

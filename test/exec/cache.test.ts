import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtPath } from '../../base/files.ts'
import type { CompileAnswer, CompileRequest } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { CachedCompiler } from '../../runtime/exec/cache/cached-compiler.ts'
import { decodeEntry, encodeEntry, keyOf } from '../../runtime/exec/cache/entry.ts'
import { buildOf, defaultFolder } from '../../runtime/exec/cache/place.ts'
import { Store } from '../../runtime/exec/cache/store.ts'
import type { Compiler } from '../../runtime/exec/compiler.ts'
import { OPTIONS } from '../program/support.ts'
import { inProcess } from './support.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iris-cache-'))
})
// writes may still be under way: they end while the removal waits for its next attempt
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 }))

const request = (text: string, value?: number): CompileRequest => ({
  graph: { functions: [{ name: 'f', text, free: value === undefined ? {} : { c: { k: 'number', value } } }] },
  profile: { args: [{ k: 'number' }], thisValue: { k: 'undefined' }, count: 1 },
  options: OPTIONS,
})
const DOUBLE = request('x => x * 2')
const CAPTURE = 'x => x * c'

/** Counts what reaches the compiler. */
function counting(): Compiler & { calls: number } {
  const compiler = {
    ...inProcess,
    calls: 0,
    compile: (one: CompileRequest) => {
      compiler.calls++
      return compile(one)
    },
    outline: (text: string) => {
      compiler.calls++
      return inProcess.outline(text)
    },
  }
  return compiler
}

const files = (): string[] =>
  readdirSync(folder, { recursive: true })
    .map(name => join(folder, String(name)))
    .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile())

/** Writes go on in the background. */
async function written(count: number): Promise<void> {
  while (files().filter(path => path.endsWith('.iris')).length < count) await new Promise(setImmediate)
}

describe('entries of the cache', () => {
  it('have a name that tells every input apart', () => {
    const names = [
      keyOf(DOUBLE, 'a'),
      keyOf(DOUBLE, 'b'),
      keyOf(request('x => x * 3'), 'a'),
      ...[0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1].map(value => keyOf(request(CAPTURE, value), 'a')),
      keyOf({ ...DOUBLE, options: { ...OPTIONS, math: 'fast' } }, 'a'),
      keyOf({ ...DOUBLE, profile: { ...DOUBLE.profile, args: [{ k: 'boolean' }] } }, 'a'),
    ]
    expect(new Set(names).size).toBe(names.length)
    expect(keyOf(structuredClone(DOUBLE), 'a')).toBe(names[0])
  })

  it('read back as they were written', async () => {
    const answer = await compile(DOUBLE)
    const read = decodeEntry(encodeEntry(answer))
    expect(read).toEqual(answer)
  })

  it('count as absent when a bit of them is damaged, or their end is missing', async () => {
    const bytes = encodeEntry(await compile(DOUBLE))
    for (const at of [0, 31, 32, 33, bytes.length >> 1, bytes.length - 1]) {
      const damaged = Uint8Array.from(bytes)
      damaged[at]! ^= 4
      expect(decodeEntry(damaged)).toBeUndefined()
    }
    for (const length of [0, 10, 32, 40, bytes.length - 1])
      expect(decodeEntry(bytes.subarray(0, length))).toBeUndefined()
  })

  it('are not taken when their Wasm is not valid', async () => {
    const answer = await compile(DOUBLE)
    if (!answer.ok) throw new Error('does not compile')
    const wasm = Uint8Array.from(answer.wasm)
    wasm.fill(255, wasm.length - 12)
    expect(decodeEntry(encodeEntry({ ...answer, wasm }))).toBeUndefined()
  })
})

describe('a compiler behind the cache', () => {
  it('compiles once, also in the next process', async () => {
    const inner = counting()
    const first = new CachedCompiler(inner, new Store(folder, 1e6), 'a')
    const made = await first.compile(DOUBLE)
    expect(made.ok && made.fromCache).toBeUndefined()
    await written(1)
    const second = new CachedCompiler(inner, new Store(folder, 1e6), 'a')
    expect(await second.compile(DOUBLE)).toEqual({ ...made, fromCache: true })
    expect(inner.calls).toBe(1)
    expect((await new CachedCompiler(inner, new Store(folder, 1e6), 'b').compile(DOUBLE)).ok).toBe(true)
    expect(inner.calls).toBe(2)
  })

  it('remembers outlines, by text and compiler', async () => {
    const inner = counting()
    const outline = await new CachedCompiler(inner, new Store(folder, 1e6), 'a').outline(CAPTURE)
    expect(outline?.fn?.free).toEqual([{ name: 'c', at: 9 }])
    await written(1)
    expect(await new CachedCompiler(inner, new Store(folder, 1e6), 'a').outline(CAPTURE)).toEqual(outline)
    expect(inner.calls).toBe(1)
    await new CachedCompiler(inner, new Store(folder, 1e6), 'a').outline('x => x * d')
    await new CachedCompiler(inner, new Store(folder, 1e6), 'b').outline(CAPTURE)
    expect(inner.calls).toBe(3)
  })

  it('remembers misses, but not defects', async () => {
    const inner = counting()
    const cached = new CachedCompiler(inner, new Store(folder, 1e6), 'a')
    expect((await cached.compile(request('x => new Map()'))).ok).toBe(false)
    await written(1)
    expect((await cached.compile(request('x => new Map()'))).ok).toBe(false)
    expect(inner.calls).toBe(1)
    const dead = {
      ...inProcess,
      calls: 0,
      compile: async (): Promise<CompileAnswer> => {
        dead.calls++
        return { ok: false, diagnostics: [{ code: 'IRIS5003', message: 'the thread died', fix: '' }] }
      },
      outline: async () => {
        dead.calls++
        return undefined
      },
    }
    const behind = new CachedCompiler(dead, new Store(folder, 1e6), 'a')
    await behind.compile(DOUBLE)
    await behind.compile(DOUBLE)
    expect(dead.calls).toBe(2)
    await behind.outline(CAPTURE)
    expect(await behind.outline(CAPTURE)).toBeUndefined()
    expect(dead.calls).toBe(4)
  })

  it('replaces what is damaged', async () => {
    const inner = counting()
    const cached = new CachedCompiler(inner, new Store(folder, 1e6), 'a')
    await cached.compile(DOUBLE)
    await written(1)
    const [path] = files()
    writeFileSync(path!, 'damaged')
    expect((await cached.compile(DOUBLE)).ok).toBe(true)
    expect(inner.calls).toBe(2)
    while (readFileSync(path!).length < 20) await new Promise(setImmediate)
    expect((await cached.compile(DOUBLE)).ok).toBe(true)
    expect(inner.calls).toBe(2)
  })

  it('works without a folder that can be written', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const inner = counting()
    const cached = new CachedCompiler(inner, new Store(join(file, 'below'), 1e6), 'a')
    expect((await cached.compile(DOUBLE)).ok).toBe(true)
    expect((await cached.compile(DOUBLE)).ok).toBe(true)
    expect(inner.calls).toBe(2)
  })
})

describe('the folder of the cache', () => {
  it('keeps within its limit, and what was used last', async () => {
    const store = new Store(folder, 10_000)
    for (let i = 0; i < 12; i++) {
      const key = `${i}`.padStart(4, '0')
      await store.write(key, new Uint8Array(1000))
      const time = new Date(1e12 + i * 1000)
      utimesSync(join(folder, key.slice(0, 2), `${key.slice(2)}.iris`), time, time)
    }
    await store.read('0003')
    while (statSync(join(folder, '00', '03.iris')).mtimeMs < 1.1e12) await new Promise(setImmediate)
    await store.trim()
    const { entries, bytes } = await store.info()
    expect({ entries, bytes }).toEqual({ entries: 8, bytes: 8000 })
    expect(await store.read('0003')).toBeDefined()
    expect(await store.read('0000')).toBeUndefined()
    expect(await store.clear()).toMatchObject({ entries: 8 })
    expect(await store.info()).toMatchObject({ entries: 0, bytes: 0 })
  })

  it('is that of the project, else that of the user', () => {
    expect(defaultFolder(join(import.meta.dirname, 'x'), {})).toMatch(/node_modules.\.cache.iris-fabric$/)
    expect(defaultFolder('/', { XDG_CACHE_HOME: '/cache' })).toBe(join('/cache', 'iris-fabric'))
  })

  it('names a build by its files', () => {
    writeFileSync(join(folder, 'a.js'), '1')
    const url = new URL(`file://${folder}/`)
    const idFile = new URL('build-id', url)
    const before = buildOf(idFile, [url])
    expect(buildOf(idFile, [url])).toBe(before)
    writeFileSync(join(folder, 'a.js'), '12')
    expect(buildOf(idFile, [url])).not.toBe(before)
    writeFileSync(idFile, 'bundle')
    expect(buildOf(idFile, [url])).toBe('bundle')
  })
})

describe('processes that share a cache', () => {
  const program = (count: number): string => `import { jit, offload } from ${JSON.stringify(builtPath('src/index.js'))}
    const hits = { n: 0 }
    jit.on('cache hit', () => hits.n++)
    let wrong = 0
    for (let i = 0; i < ${count}; i++) {
      const kernel = offload(new Function('xs', 'let sum = ' + i + '; for (let i = 0; i < xs.length; i++) sum += xs[i]; return sum'), { tier: 'scalar', captures: {} })
      await kernel.warmup(new Float64Array(1))
      if (kernel(Float64Array.of(1, 2)) !== 3 + i || kernel.stats().calls.scalar !== 1) wrong++
    }
    console.log(hits.n, wrong)`
  const run = async (count: number): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program(count)], {
      env: { ...process.env, IRIS_CACHE_DIR: folder },
    })
    return stdout.trim()
  }

  it('start warm', async () => {
    expect(await run(2)).toBe('0 0')
    expect(await run(2)).toBe('2 0')
  }, 60_000)

  it('write at the same time', async () => {
    const results = await Promise.all([run(25), run(25)])
    for (const result of results) expect(result).toMatch(/^\d+ 0$/)
    expect(await run(25)).toBe('25 0')
    expect(files().every(path => path.endsWith('.iris'))).toBe(true)
  }, 60_000)
})

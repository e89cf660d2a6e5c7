import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtFile, builtPath } from '../../base/files.ts'
import { takesOnlyScalars } from '../../compiler/source/scalar-parameters.ts'
import { usesParametersAsArrays } from '../../runtime/exec/array-use.ts'
import { guessArguments } from '../../runtime/exec/guess.ts'
import type { Explanation } from '../../src/index.ts'

interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
}

type Environment = Readonly<Record<string, string>>

/** Runs the command; the last argument may be environment variables. */
function iris(...given: (string | Environment)[]): Promise<Finished> {
  const args = given.filter(one => typeof one === 'string')
  const env = Object.assign({ ...process.env }, ...given.filter(one => typeof one === 'object')) as NodeJS.ProcessEnv
  return new Promise(resolve => {
    execFile(process.execPath, [builtPath('src/cli/main.js'), ...args], { env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

let folder: string
const inFolder = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iris-cli-'))
  const module = builtFile('src/index.js').href
  writeFileSync(
    inFolder('kernels.mjs'),
    `import { offload } from ${JSON.stringify(module)}
const RATE = 2
export const dot = offload((a, b) => {
  let s = 0
  for (let i = 0; i < a.length; i++) s += a[i] * b[i] * RATE
  return s
})
const hidden = offload(function text(xs) {
  return xs.join(',')
})
export const later = offload(async x => x)
hidden(Float64Array.of(1))
setInterval(() => {}, 1000)
`,
  )
  writeFileSync(inFolder('empty.mjs'), 'export const x = 1\n')
  writeFileSync(inFolder('broken.mjs'), 'throw new Error("my own fault")\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('iris explain', () => {
  it('prints a table, and the place of each miss', async () => {
    const { code, out } = await iris('explain', inFolder('kernels.mjs'))
    expect(code).toBe(0)
    expect(out).toMatch(/dot\s+\S*kernels\.mjs:3\s+\(f64\[\], f64\[\]\)\s+scalar/)
    expect(out).toMatch(/text\s+\S*kernels\.mjs:8\s+\(f64\[\]\)\s+miss IRIS2\d+/)
    expect(out).toMatch(/later\s+\S*kernels\.mjs:11\s+\(any\)\s+miss IRIS1003/)
    expect(out).toContain(">  9 |   return xs.join(',')")
  })

  it('prints JSON with the texts asked for, and fails on a miss where that is wanted', async () => {
    const { code, out } = await iris(
      'explain',
      inFolder('kernels.mjs'),
      '--json',
      '--ir',
      '--wat',
      '--passes',
      '--fail-on-miss',
    )
    expect(code).toBe(3)
    const [dot, text] = JSON.parse(out) as Explanation[]
    expect(dot).toMatchObject({ name: 'dot', profiles: [{ status: 'ready', wat: expect.stringContaining('(module') }] })
    expect(dot!.profiles[0]!.passes!.length).toBeGreaterThan(0)
    expect(text!.profiles[0]!.diagnostics[0]).toMatchObject({ line: 9, column: 10 })
  })

  it('says what is wrong with the file', async () => {
    expect(await iris('explain', inFolder('nowhere.mjs'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no file'),
    })
    expect(await iris('explain', inFolder('empty.mjs'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('offloads no function'),
    })
    expect(await iris('explain', inFolder('broken.mjs'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('my own fault'),
    })
    expect(await iris('explain')).toMatchObject({ code: 2, err: expect.stringContaining('file') })
    expect(await iris('explian')).toMatchObject({ code: 2, err: expect.stringContaining('explain') })
  })
})

describe('iris bench', () => {
  it('measures each function in every tier, draws a chart, and compares bits', async () => {
    const chart = inFolder('chart.svg')
    const { code, out } = await iris(
      'bench',
      inFolder('kernels.mjs'),
      '--only',
      'dot',
      '--size',
      '64',
      '--rounds',
      '1',
      '--svg',
      chart,
      '--json',
    )
    const rows = JSON.parse(out) as { contender: string; memory: string; equal: boolean; ns: number }[]
    expect(code).toBe(0)
    expect(rows.map(({ contender, memory }) => `${contender} ${memory}`)).toEqual([
      'JavaScript ordinary',
      'Iris ordinary',
      'Iris kernel',
      'scalar kernel',
      'simd kernel',
      'parallel kernel',
    ])
    expect(rows.every(({ equal, ns }) => equal && ns > 0)).toBe(true)
    expect(readFileSync(chart, 'utf8')).toContain('<svg')
  }, 60_000)

  it('says what is wrong with the arguments', async () => {
    const given = await iris('bench', inFolder('kernels.mjs'), '--only', 'dot', '--args', '[1')
    expect(given).toMatchObject({ code: 1, err: expect.stringMatching(/--args \[1: /) })
    const none = await iris('bench', inFolder('kernels.mjs'), '--only', 'nothing of this name')
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('no offloaded function') })
    expect(await iris('bench', inFolder('kernels.mjs'), '--size', 'many')).toMatchObject({ code: 2 })
  }, 60_000)
})

describe('iris cache', () => {
  it('tells what it holds, and empties it', async () => {
    const env = { IRIS_CACHE_DIR: inFolder('cache') }
    expect(JSON.parse((await iris('cache', 'info', '--json', env)).out)).toMatchObject({ entries: 0 })
    await iris('explain', inFolder('kernels.mjs'), env)
    const { entries } = JSON.parse((await iris('cache', 'info', '--json', env)).out) as { entries: number }
    expect(entries).toBeGreaterThan(0)
    expect((await iris('cache', 'clear', env)).out).toContain(`removed ${entries} compiled kernel`)
    expect((await iris('cache', 'info', env)).out).toContain('0 compiled kernels')
  }, 60_000)

  it('says how it is used', async () => {
    expect(await iris('cache', 'burn')).toMatchObject({ code: 1, err: expect.stringContaining('info or clear') })
    expect(await iris('cache', 'info', { IRIS_CACHE: 'off' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('IRIS_CACHE'),
    })
  }, 60_000)
})

describe('iris doctor', () => {
  it('checks what Iris needs', async () => {
    const { code, out } = await iris('doctor', '--json')
    const { checks, environment } = JSON.parse(out) as {
      checks: { what: string; state: string }[]
      environment: { name: string }[]
    }
    expect([code, checks.filter(({ state }) => state === 'failed')]).toEqual([0, []])
    expect(checks.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['Node.js', 'SIMD', 'threads', 'inspector', 'compiler', 'disk cache']),
    )
    expect(environment.map(({ name }) => name)).toContain('IRIS_MEMORY_MAX')
  })
})

describe('guesses from parameters', () => {
  it('tell arrays, objects and numbers apart', () => {
    const guess = (fn: unknown): unknown[] =>
      guessArguments(String(fn))!.map(value => (value instanceof Float64Array ? 'array' : value))
    expect(guess((a: number[], i: number, p: { x: number }) => a[i]! + p.x)).toEqual(['array', 3, { x: 3 }])
    expect(guess((a: number[], b: number[], n = 4) => a.length + b.map(x => x).length + n)).toEqual([
      'array',
      'array',
      3,
    ])
    expect(guessArguments('class A {}')).toBe(undefined)
  })

  it('tell which functions take nothing but numbers', () => {
    const scalars = [
      (x: number, y = 2) => x * y,
      (x: number) => Math.sin(x),
      (x: number) => {
        let t = x
        t += 1
        return x > 0 ? t : -x
      },
    ]
    const others = [
      () => 1,
      (x: number[]) => x[0]! * 2,
      (x: number[]) => x.length + 1,
      (x: number) => x,
      (x: unknown) => [x],
      (x: number, f: (x: number) => number) => f(x) + x * 1,
      (...xs: number[]) => xs.length * 2,
      ({ x }: { x: number }) => x * 2,
      (xs: number[]) => {
        const t = xs
        return t[0]! * 2
      },
      (xs: number[]) => {
        let sum = 0
        for (const x of xs) sum += x
        return sum
      },
    ]
    expect(scalars.map(fn => takesOnlyScalars(String(fn)))).toEqual(scalars.map(() => true))
    expect(others.map(fn => takesOnlyScalars(String(fn)))).toEqual(others.map(() => false))
    expect(scalars.map(fn => usesParametersAsArrays(String(fn)))).toEqual(scalars.map(() => false))
    expect(usesParametersAsArrays('(x, y) => Math["sin"](x) /* y[0] */ + y')).toBe(false)
    for (const text of [
      'x => x[0]',
      '(a, x) => x .length',
      'function f(x) { return x?.y }',
      '({ x }) => x',
      '(...x) => 1',
    ]) {
      expect(usesParametersAsArrays(text)).toBe(true)
    }
  })
})

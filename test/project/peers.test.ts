import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { builtPath } from '../../base/files.ts'
import { checkoutFile } from '../../bench/peers/checkout.ts'
import { gcc } from '../../bench/peers/gcc.ts'
import { gpuJs } from '../../bench/peers/gpu.ts'
import { GPU_KERNELS } from '../../bench/peers/gpu-kernels.ts'
import { numba } from '../../bench/peers/numba.ts'
import { isAbsent, NATIVE } from '../../bench/peers/peer.ts'
import { ask, failure, kindOf, parseAnswer } from '../../bench/peers/protocol.ts'
import { isRight, KERNELS, type PeersRow, peersSuite, wantedOf } from '../../bench/peers/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'iris-peers-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program of the protocol, as a script of Node. */
const script = (text: string) => [process.execPath, '-e', text, '--'] as const

describe('an answer', () => {
  it('is read', () => {
    expect(parseAnswer('{"value": 1.5, "samples": [10, 20.5]}\n', 2)).toEqual({ value: 1.5, samples: [10, 20.5] })
  })

  it('is null for a kernel that the peer lacks', () => {
    expect(parseAnswer('null\n', 3)).toBeUndefined()
  })

  it.each([
    ['no JSON', 'warm-up done', 1],
    ['no samples', '{"value": 1}', 1],
    ['too few samples', '{"value": 1, "samples": [5]}', 2],
    ['a time of nothing', '{"value": 1, "samples": [0]}', 1],
    ['a value that is no number', '{"value": null, "samples": [5]}', 1],
  ])('is refused with %s', (_what, text, rounds) => {
    expect(() => parseAnswer(text, rounds)).toThrow()
  })
})

describe('a question', () => {
  const args = [0.5, Float64Array.of(1, 2), Uint8Array.of(200, 7)] as const

  it('names the kernel, the rounds, numbers and files; the arrays come back', async () => {
    const doubles = `const fs = require('fs'), [name, rounds, a, x, y] = process.argv.slice(1)
      const bytes = fs.readFileSync(x), all = new Float64Array(new Uint8Array(bytes).buffer)
      fs.writeFileSync(x, all.map(v => v * 2))
      fs.writeFileSync(y, fs.readFileSync(y).map(v => v + 1))
      console.log(JSON.stringify({ value: Number(a) + name.length, samples: Array(Number(rounds)).fill(3) }))`
    expect(await ask(script(doubles), { kernel: 'k', args, rounds: 2 }, folder)).toEqual({
      value: 1.5,
      samples: [3, 3],
      args: [0.5, Float64Array.of(2, 4), Uint8Array.of(201, 8)],
    })
  })

  it('without an answer for this kernel gives nothing', async () => {
    expect(await ask(script('console.log(null)'), { kernel: 'k', args, rounds: 1 }, folder)).toBeUndefined()
  })

  it('to a program that fails tells its error', async () => {
    const asked = ask(script('throw new RangeError("too long")'), { kernel: 'k', args, rounds: 1 }, folder)
    expect(failure(await asked.catch(error => error))).toBe('RangeError: too long')
  })

  it('is put only about kinds of arrays that all peers have', () => {
    expect([new Float32Array(), new Int32Array(), new Uint32Array()].map(kindOf)).toEqual(['f32', 'i32', 'u32'])
    expect(() => kindOf(new Int8Array())).toThrow('peers know no Int8Array')
  })
})

describe('a result is right', () => {
  const wanted = { value: 4, args: [1, Float64Array.of(1, 1000)] }

  it('within the bound, relative from 1 on', () => {
    expect(isRight(wanted, { value: 4 + 3e-9, args: [1, Float64Array.of(1, 1000 + 9e-7)] }, NATIVE)).toBe(true)
    expect(isRight(wanted, { value: 4 + 5e-9, args: wanted.args }, NATIVE)).toBe(false)
    expect(isRight(wanted, { value: 4, args: [1, Float64Array.of(1, 1000 + 2e-6)] }, NATIVE)).toBe(false)
    expect(isRight(wanted, { value: 4, args: [1, Float64Array.of(1, Number.NaN)] }, NATIVE)).toBe(false)
    expect(isRight(wanted, { value: 4, args: [1, Float64Array.of(1)] }, NATIVE)).toBe(false)
  })

  it('within the bound of floats where an array has floats', () => {
    const floats = { value: undefined, args: [Float32Array.of(1)] }
    expect(isRight(floats, { value: 0, args: [Float32Array.of(1.00005)] }, NATIVE)).toBe(true)
    expect(isRight(floats, { value: 0, args: [Float32Array.of(1.0002)] }, NATIVE)).toBe(false)
  })

  it('with no more strays than the kernel may have', () => {
    const given = { value: 4, args: [1, Float64Array.of(7, 1000)] }
    expect(isRight(wanted, given, NATIVE, 0.5)).toBe(true)
    expect(isRight(wanted, given, NATIVE, 0.4)).toBe(false)
  })
})

describe('a peer that is not installed', () => {
  it.each([
    ['no Python', numba(['no-such-python']), /python3-numba/],
    ['a Python without the package', numba([process.execPath]), /python3-numba/],
    ['no compiler', gcc('gcc', [], 'no-such-gcc'), /^no no-such-gcc on the path$/],
    ['no package', gpuJs('file:///nowhere/else.js'), /^not installed \(npm install .* gpu\.js@/],
  ])('%s: says why, in one line', (_what, peer, why) => {
    expect(peer.find()).toEqual({ absent: expect.stringMatching(why) })
  })

  it('is one line below the table', () => {
    const text = peersSuite.print({ load: 0, versions: {}, absent: { numba: 'no python3' }, rows: [] })
    expect(text.split('\n').filter(line => line.includes('numba'))).toEqual(['numba: skipped, no python3'])
  })
})

describe('the table', () => {
  const rowOf = (peers: PeersRow['peers']): PeersRow => ({
    kernel: 'wave',
    math: 'fast',
    elements: 9,
    jsNs: 4000,
    irisNs: 1000,
    tier: 'simd',
    right: true,
    peers,
  })
  const resultOf = (peers: PeersRow['peers']) => ({
    load: 0,
    versions: { gcc: 'gcc 1' },
    absent: {},
    rows: [rowOf(peers)],
  })

  it('has the time of a peer and its ratio to ours', () => {
    const result = resultOf({ gcc: { ns: 1500, spread: 0, right: true } })
    expect(peersSuite.print(result)).toMatch(/^wave .* 1\.50 µs +1\.50 +yes$/m)
    expect(peersSuite.print(result)).toContain('gcc (gcc 1): Iris ahead on 1 of 1 kernels, geometric mean 1.50')
    expect(peersSuite.ok(result)).toBe(true)
  })

  it('has no time of a wrong result, and is not right', () => {
    const result = resultOf({ gcc: { ns: 1, spread: 0, right: false } })
    expect(peersSuite.print(result)).toMatch(/^wave .* WRONG +yes$/m)
    expect(peersSuite.print(result)).toContain('gcc (gcc 1): no kernel')
    expect(peersSuite.ok(result)).toBe(false)
  })

  it('warns of a busy machine', () => {
    expect(peersSuite.print(resultOf({}))).not.toContain('busy')
    expect(peersSuite.print({ ...resultOf({}), load: 3 })).toMatch(/^the machine was busy \(load 3\.0\): /m)
  })

  it('says how a peer failed', () => {
    const result = resultOf({ gcc: { failed: 'out of memory' } })
    expect(peersSuite.print(result)).toMatch(/^gcc failed at wave: out of memory$/m)
    expect(peersSuite.ok(result)).toBe(true)
  })
})

describe('the kernels of the peers', () => {
  const names = KERNELS.map(({ name }) => name)
  const namesIn = (file: string, pattern: RegExp): string[] =>
    [...readFileSync(checkoutFile(file), 'utf8').matchAll(pattern)].map(match => match[1] ?? '')

  it('are those of the vector bench', () => {
    expect(namesIn('bench/peers/kernels.c', /^ {4}\{"(.+?)", call_/gm).sort()).toEqual([...names].sort())
    expect(namesIn('bench/peers/kernels.py', /^ {4}"(.+?)": lambda/gm).sort()).toEqual([...names].sort())
    expect(Object.keys(GPU_KERNELS).filter(name => !names.includes(name))).toEqual([])
  })

  const program = gcc('gcc').find()
  afterAll(() => {
    vi.unstubAllEnvs()
    if (!isAbsent(program)) program.close()
  })
  // What OpenMP's threads wait for each other on a machine with other work can be seconds.
  beforeAll(() => void vi.stubEnv('OMP_NUM_THREADS', '1'))
  it.skipIf(isAbsent(program)).each(names)('%s in C gives what it gives in JavaScript', async name => {
    if (isAbsent(program)) return
    const kernel = KERNELS.find(each => each.name === name)!
    const result = await ask(program.command, { kernel: name, args: kernel.args(), rounds: 0 }, folder)
    expect(result && isRight(wantedOf(kernel), result, program.bound, kernel.strays)).toBe(true)
  })
})

it('--peers takes only names of peers', () => {
  const args = [builtPath('bench/main.js'), 'peers', '--peers', 'numba,fortran']
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status).toBe(2)
  expect(stderr).toMatch(
    /^error: option '--peers <names>' argument 'numba,fortran' is invalid\. a list of gpu\.js, numba, /,
  )
})

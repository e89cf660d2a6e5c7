import { describe, expect, it } from 'vitest'
import type { CompileOptions, CompileRequest } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { offload } from '../../src/index.ts'
import { OPTIONS } from '../program/support.ts'

const f64 = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(i) * 1e6)
const sum = (x: Float64Array): number => {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i]!
  return total
}
const scaled = (x: Float64Array, out: Float64Array): void => {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * 3
}
const sines = (x: Float64Array, out: Float64Array): void => {
  for (let i = 0; i < x.length; i++) out[i] = Math.sin(x[i]!)
}
const most = (x: Float64Array): number => {
  let found = -Infinity
  for (let i = 0; i < x.length; i++) found = Math.max(found, x[i]!)
  return found
}
const single = (x: Float32Array, out: Float32Array): void => {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * x[i]! + x[i]!
}

const sumOfSines = (x: Float64Array): number => {
  let total = 0
  for (let i = 0; i < x.length; i++) total += Math.sin(x[i]!)
  return total
}
const rows = (m: Float64Array, v: Float64Array, out: Float64Array): void => {
  for (let i = 0; i < out.length; i++) {
    let total = 0
    for (let j = 0; j < v.length; j++) total += m[i * v.length + j]! * v[j]!
    out[i] = total
  }
}
const harmonic = (n: number): number => {
  let total = 0
  for (let i = 1; i <= n; i++) total += 1 / i
  return total
}
const table = f64(9)
const captured = (x: Float64Array): number => {
  let total = x[0]!
  for (let i = 0; i < table.length; i++) total += table[i]!
  return total
}
const within = (state: { x: Float64Array }): number => {
  let total = 0
  for (let i = 0; i < state.x.length; i++) total += state.x[i]!
  return total
}

async function planOf(fn: (...args: never[]) => unknown, args: unknown[], options: Partial<CompileOptions>) {
  const request: CompileRequest = { ...captureGraph(fn).describeCall(args), options: { ...OPTIONS, ...options } }
  const answer = await compile(request)
  if (!answer.ok) throw new Error(answer.diagnostics[0]!.message)
  return answer.plan
}

describe('whether JavaScript may serve some of the calls', () => {
  it.each([
    ['a sum', sum, [f64(9)], true],
    ['vector functions', sines, [f64(9), f64(9)], true],
    ['f32 arithmetic', single, [new Float32Array(9), new Float32Array(9)], true],
    ['elementwise arithmetic', scaled, [f64(9), f64(9)], false],
  ] as const)('fast: %s', async (_name, fn, args, isInexact) => {
    expect((await planOf(fn as never, [...args], { math: 'fast', tier: 'simd' })).isInexact).toBe(isInexact)
    expect((await planOf(fn as never, [...args], { math: 'strict', tier: 'simd' })).isInexact).toBe(false)
  })

  it('code is vector code when a loop was vectorised', async () => {
    expect((await planOf(scaled as never, [f64(9), f64(9)], { tier: 'simd' })).isVector).toBe(true)
    expect((await planOf(most as never, [f64(9)], { tier: 'simd' })).isVector).toBe(true)
    expect((await planOf(sum as never, [f64(9)], { tier: 'simd' })).isVector).toBe(false)
    expect((await planOf(scaled as never, [f64(9), f64(9)], { tier: 'scalar' })).isVector).toBe(false)
  })

  it.each([
    ['a sum over an argument', sum, [f64(9)], 32],
    ['a sum per row', rows, [f64(9), f64(3), f64(3)], 32],
    ['rounds by a number', harmonic, [9], undefined],
    ['elements of a captured array', captured, [f64(9)], undefined],
    ['of arrays in an object', within, [{ x: f64(9) }], undefined],
    ['vector functions', sumOfSines, [f64(9)], undefined],
  ] as const)('fast: %s: exact below', async (_name, fn, args, exactBelow) => {
    const plan = await planOf(fn as never, [...args], { math: 'fast', tier: 'simd' })
    expect([plan.isInexact, plan.exactBelow]).toEqual([true, exactBelow])
  })

  it('a fast sum of few elements has the bits of JavaScript, and JavaScript may run it', async () => {
    const kernel = offload(sum, { math: 'fast' })
    await kernel.warmup(f64(5))
    for (let n = 0; n < 32; n++) for (let i = 0; i < 200; i++) expect(kernel(f64(n))).toBe(sum(f64(n)))
    const [short, long] = [kernel.stats().calls.js, kernel(f64(3001))]
    for (let i = 0; i < 3000; i++) expect(kernel(f64(3001))).toBe(long)
    expect(short).toBeGreaterThan(0)
    expect(kernel.stats().calls.js).toBe(short)
  })

  it('a fast kernel, once ready, never alternates between results', async () => {
    const kernel = offload(sumOfSines, { math: 'fast' })
    const candidates = Array.from({ length: 50 }, (_, i) => f64(3001 + i))
    await kernel.warmup(candidates[0]!)
    const x = candidates.find(each => kernel(each) !== sumOfSines(each)) ?? expect.fail('all bits alike')
    const found = kernel(x)
    for (let i = 0; i < 5000; i++) expect(kernel(x)).toBe(found)
    expect(kernel.stats().calls.js).toBe(0)
    expect(kernel.explain().profiles[0]!.tiers).not.toContain('js')
  })
})

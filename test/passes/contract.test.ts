import { setFlagsFromString } from 'node:v8'
import { describe, expect, it } from 'vitest'
import type { CompiledKernel, CompileOptions } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { contract } from '../../compiler/vector/contract.ts'
import { hasRelaxedMadd } from '../../runtime/exec/features.ts'
import { Machine, type Outcome } from '../conformance/machine.ts'
import { goldenTests } from './golden.ts'

goldenTests('contract', [contract])

// before anything asks: on Node 20 the instructions exist behind a flag
setFlagsFromString('--experimental-wasm-relaxed-simd')

const f64 = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(i * 7) + 1.5)
const dot = (x: Float64Array, y: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!
  return sum
}
const residual = (x: Float64Array, y: Float64Array): void => {
  for (let i = 0; i < x.length; i++) y[i] = y[i]! - x[i]! * 0.1
}
const single = (x: Float32Array, y: Float32Array): void => {
  for (let i = 0; i < x.length; i++) y[i] = x[i]! * x[i]! + y[i]!
}

async function compiled(fn: (...args: never[]) => unknown, args: unknown[], options: Partial<CompileOptions>) {
  const full: CompileOptions = { math: 'fast', contract: true, speculateIntegers: true, tier: 'simd', ...options }
  const request = { ...captureGraph(fn).describeCall(args), options: { ...full, dump: { ir: true, wat: true } } }
  const answer = await compile(request, { verify: true })
  if (!answer.ok) throw new Error(answer.diagnostics[0]!.message)
  return answer
}

describe('contract: true', () => {
  it('the host of these tests has the instructions', () => expect(hasRelaxedMadd()).toBe(true))

  it.each([
    ['dot', dot, [f64(999), f64(999)], /f64x2\.relaxed_madd/],
    ['residual', residual, [f64(999), f64(999)], /f64x2\.relaxed_nmadd/],
    ['single', single, [new Float32Array(999).fill(0.7), new Float32Array(999)], /f32x4\.relaxed_madd/],
  ] as const)('%s: multiplies and adds in one instruction, within its bound', async (_name, fn, args, instruction) => {
    const answer = await compiled(fn as never, [...args], {})
    expect(answer.wat).toMatch(instruction)
    expect(answer.plan.isInexact).toBe(true)
    const plain = await compiled(fn as never, [...args], { contract: false })
    expect(plain.wat).not.toMatch(/relaxed/)
    const machine = new Machine(captureGraph(fn).values)
    const outcome = (kernel: CompiledKernel): Outcome =>
      machine.attempt(
        kernel.plan,
        machine.wasm(kernel),
        args.map(each => each.slice()),
      ) as Outcome
    const [mine, theirs] = [outcome(answer), outcome(plain)]
    expect(Math.abs(Number(mine.value ?? 1) / Number(theirs.value ?? 1) - 1)).toBeLessThan(1e-13)
    const [a, b] = [mine.args[1] as Float64Array, theirs.args[1] as Float64Array]
    expect(a.some(each => each !== 0)).toBe(true)
    a.forEach((each, i) => expect(Math.abs(each - b[i]!)).toBeLessThan(1e-6))
  })
})

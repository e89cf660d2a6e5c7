import { describe, expect, test } from 'vitest'
import type { CompiledKernel, CompileRequest } from '../../compiler/abi.ts'
import { compile, optimise } from '../../compiler/compile.ts'
import { completePlan, lower } from '../../compiler/program/lower.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { OPTIONS } from '../program/support.ts'
import { Machine, reference, same, show } from './machine.ts'
import { SHAPES as BASIC, type Shape } from './simd-shapes.ts'
import { EDGES } from './simd-shapes-edges.ts'
import { KEPT } from './simd-shapes-kept.ts'
import { RARE } from './simd-shapes-rare.ts'
import { RUNNING } from './simd-shapes-running.ts'
import { SEARCHES } from './simd-shapes-search.ts'

/** Every loop shape at every length from 0 to 70: vector code against JavaScript. */

const SHAPES = [...BASIC, ...SEARCHES, ...EDGES, ...RUNNING, ...RARE, ...KEPT]
const LENGTHS = Array.from({ length: 71 }, (_, n) => n)

async function compiled(shape: Shape, math: 'strict' | 'fast', tier: 'scalar' | 'simd') {
  const capture = captureGraph(shape.fn)
  const request: CompileRequest = {
    ...capture.describeCall(shape.args(20)),
    options: { ...OPTIONS, math, tier },
  }
  const answer = await compile(request, { verify: true })
  if (!answer.ok) throw new Error(answer.diagnostics.map(({ message }) => message).join('\n'))
  return { capture, request, answer }
}

function expectRemark(answer: CompiledKernel, wanted: true | string): void {
  const text = answer.remarks.map(({ message }) => message).join('\n')
  if (wanted === true) expect(text).toContain('is vectorised')
  else expect(text).toContain(wanted)
}

describe.each(SHAPES.map(shape => [shape.name, shape] as const))('%s', (_name, shape) => {
  test('strict: the same bits', async () => {
    const { capture, request, answer } = await compiled(shape, 'strict', 'simd')
    expectRemark(answer, shape.strict)
    const machine = new Machine(capture.values)
    const wasm = machine.wasm(answer)
    const lowered = lower(request)
    const { module } = optimise(lowered.module, request, { verify: true })
    const plan = completePlan(lowered.plan, module)
    const interpreter = machine.interpreter(module, plan)
    for (const n of LENGTHS) {
      const wanted = reference(shape.fn, shape.args(n))
      const results = [
        machine.attempt(answer.plan, wasm, shape.args(n)),
        machine.attempt(plan, interpreter, shape.args(n)),
      ]
      for (const found of results) {
        expect(same(found, wanted), `n = ${n}: ${JSON.stringify(show(found))}, JavaScript ${show(wanted)}`).toBe(true)
      }
    }
  })
})

const FAST = SHAPES.filter(shape => shape.fast !== undefined)
describe.each(FAST.map(shape => [shape.name, shape] as const))('fast %s', (_name, shape) => {
  test('near, and the same bits in both tiers', async () => {
    const simd = await compiled(shape, 'fast', 'simd')
    const scalar = await compiled(shape, 'fast', 'scalar')
    expectRemark(simd.answer, shape.fast ?? true)
    const machine = new Machine(simd.capture.values)
    const runs = [simd, scalar].map(({ answer }) => [answer.plan, machine.wasm(answer)] as const)
    for (const n of [...LENGTHS, 8191, 8192 + 16, 3 * 8192 + 5]) {
      const wanted = reference(shape.fn, shape.args(n))
      const [found, other] = runs.map(([plan, run]) => machine.attempt(plan, run, shape.args(n)))
      expect(same(found, other), `n = ${n}`).toBe(true)
      expect(near(found, wanted, shape.bound ?? 0), `n = ${n}: ${show(found)}, JavaScript ${show(wanted)}`).toBe(true)
    }
  })
})

function near(a: unknown, b: unknown, bound: number): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Object.is(a, b) || Math.abs(a - b) <= bound * Math.max(1, Math.abs(b))
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return Object.is(a, b)
  return Object.keys(b).every(key =>
    near((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], bound),
  )
}

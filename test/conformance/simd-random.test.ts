import { expect, test } from 'vitest'
import { compile } from '../../compiler/compile.ts'
import { requestFor } from '../program/support.ts'
import { Machine, reference, same, show } from './machine.ts'
import { type LoopProgram, loopProgram } from './simd-programs.ts'

/** Random loops: vector code against JavaScript. IRIS_SIMD_PROGRAMS and IRIS_SIMD_SEED run more and others. */
const PROGRAMS = Number(process.env.IRIS_SIMD_PROGRAMS ?? 40)
const SEED = Number(process.env.IRIS_SIMD_SEED ?? 1)
const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 19, 31, 33, 47, 64, 70]

async function vectorised(program: LoopProgram): Promise<boolean> {
  const machine = new Machine({ functions: [program.fn], free: [new Map()] })
  const request = requestFor(program.fn, program.args(20), {}, { tier: 'simd' })
  const answer = await compile(request, { verify: true })
  if (!answer.ok) throw new Error(`${answer.diagnostics.map(({ message }) => message).join('\n')}\n${program.source}`)
  const run = machine.wasm(answer)
  for (const n of LENGTHS) {
    const wanted = reference(program.fn, program.args(n))
    const found = machine.attempt(answer.plan, run, program.args(n))
    if ('declined' in found) continue
    const where = `n = ${n}\n${program.source}\n`
    expect(same(found, wanted), `${where}${show(found)}\nJavaScript\n${show(wanted)}`).toBe(true)
  }
  return answer.remarks.some(({ code }) => code === 'IRIS7001')
}

test(`${PROGRAMS} random loops`, { timeout: 3_600_000 }, async () => {
  let count = 0
  for (let i = 0; i < PROGRAMS; i++) if (await vectorised(loopProgram(SEED * 1_000_003 + i))) count++
  expect(count).toBeGreaterThan(PROGRAMS / 20)
})

import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Module } from '../../compiler/ir/ir.ts'
import { printModule, readModule } from '../../compiler/ir/text.ts'
import { verifyOrThrow } from '../../compiler/ir/verify.ts'
import { counted } from '../../compiler/passes/counted.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { dce } from '../../compiler/passes/dce.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { inline } from '../../compiler/passes/inline.ts'
import { licm } from '../../compiler/passes/licm.ts'
import { narrow } from '../../compiler/passes/narrow.ts'
import type { Pass } from '../../compiler/passes/pass.ts'
import { completePlan, lower } from '../../compiler/program/lower.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { vectorize } from '../../compiler/vector/vectorize.ts'
import { Machine, reference, same, show } from '../conformance/machine.ts'
import { SHAPES as BASIC } from '../conformance/simd-shapes.ts'
import { EDGES } from '../conformance/simd-shapes-edges.ts'
import { SEARCHES } from '../conformance/simd-shapes-search.ts'
import { OPTIONS } from '../program/support.ts'

/** The pass on loops that still have their bounds tests: it must find the rounds that are in bounds by itself. */
const BEFORE: readonly Pass[] = [fold, inline, fold, cse, dce, counted, narrow, fold, licm, cse, fold, dce]
const SHAPES = [...BASIC, ...SEARCHES, ...EDGES]
const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 18, 19, 20, 31, 32, 33, 35, 50]

function vectorised(module: Module): { readonly module: Module; readonly remarks: readonly Diagnostic[] } {
  const remarks: Diagnostic[] = []
  const remark = (what: Diagnostic | string): void => {
    if (typeof what !== 'string') remarks.push(what)
  }
  const made = vectorize({ math: 'strict' }).run(module, { remark })
  verifyOrThrow(made, 'optimised', 'vectorize')
  return { module: made, remarks }
}

describe.each(SHAPES.map(shape => [shape.name, shape] as const))('%s', (_name, shape) => {
  test('with bounds tests', () => {
    const capture = captureGraph(shape.fn)
    const lowered = lower({ ...capture.describeCall(shape.args(20)), options: OPTIONS })
    const before = BEFORE.reduce((module, pass) => pass.run(module, { remark: () => undefined }), lowered.module)
    const { module } = vectorised(before)
    const machine = new Machine(capture.values)
    const plan = completePlan(lowered.plan, module)
    const run = machine.interpreter(module, plan)
    for (const n of LENGTHS) {
      const wanted = reference(shape.fn, shape.args(n))
      const found = machine.attempt(plan, run, shape.args(n))
      if ('declined' in found) continue
      expect(same(found, wanted), `n = ${n}: ${show(found)}, JavaScript ${show(wanted)}`).toBe(true)
    }
  })
})

const loop = (body: string, locals = ''): Module =>
  readModule(`module run slots 0
func run(%x: arr.f64 group 0, %y: arr.f64 group 1, %z: arr.f64 group 1, %n: i32) -> f64 {
  local %i: i32
  local %s: f64
  ${locals}
  for l %i = 0 to %n step 1 {
    ${body}
  }
  return %s
}`)
const reasonsOf = (module: Module): string =>
  vectorised(module)
    .remarks.map(({ message }) => message)
    .join('\n')

describe('remarks', () => {
  test('an elementwise loop is vectorised', () => {
    const module = loop('store.f64 %x %i (f64.mul (load.f64 %y %i) 2.0)')
    expect(reasonsOf(module)).toContain('is vectorised: 4 rounds')
    expect(printModule(vectorised(module).module)).toContain('vstore f64 2 %x')
  })
  test('arrays of one group may overlap', () => {
    expect(reasonsOf(loop('store.f64 %y %i (load.f64 %z %i)'))).toContain('`y` and `z` may overlap')
  })
  test('a loop that is left by a test of its own is vectorised', () => {
    const leave = (how: string): string => `if (f64.gt (load.f64 %x %i) 3.0) { ${how} }`
    for (const how of ['return 1.0', 'break l']) expect(reasonsOf(loop(leave(how)))).toContain('is vectorised')
  })
  test('a loop that is left from an inner place stays', () => {
    const leave = (how: string): string => `if (f64.gt (load.f64 %x %i) 3.0) { if (f64.lt %s 2.0) { ${how} } }`
    expect(reasonsOf(loop(leave('return 1.0')))).toContain('the loop returns')
    expect(reasonsOf(loop(leave('break l')))).toContain('left from an inner place')
  })
  test('a loop that cannot be vectorised is the same object', () => {
    const module = loop('%s = (f64.add (f64.mul %s 0.5) (load.f64 %x %i))')
    expect(vectorised(module).module).toBe(module)
  })
})

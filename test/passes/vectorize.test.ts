import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../base/diagnostic.ts'
import { createInterpreter } from '../../compiler/ir/interp.ts'
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

const program = (body: string): Module =>
  readModule(`module run slots 0
func run(%x: arr.f64 group 0, %y: arr.f64 group 1, %n: i32, %k: i32) -> void {
  local %i: i32
  local %at: f64
  for l %i = 0 to %n step 1 {
    ${body}
  }
}`)

/** What `x` holds after a call; what is read or written beyond an array breaks a law of the interpreter. */
function elementsAfter(module: Module, lengthOfX: number, lengthOfY: number, n: number, k: number): number[] {
  const memory = new DataView(new ArrayBuffer(4096))
  const [x, y] = [1024, 2048]
  for (let i = 0; i < lengthOfX; i++) memory.setFloat64(x + 8 * i, (i % 5) - 2, true)
  for (let i = 0; i < lengthOfY; i++) memory.setFloat64(y + 8 * i, i - 7.5, true)
  const interpreter = createInterpreter(module, { memory: memory.buffer, context: 64, hosts: {}, fuel: 100_000 })
  interpreter.run(x, lengthOfX, y, lengthOfY, n, k)
  return Array.from({ length: lengthOfX }, (_, i) => memory.getFloat64(x + 8 * i, true))
}

const AT = '%at = (f64.add (f64.from_i32_s %i) (f64.from_i32_s (i32.and %k 3)))'
const INDEX = '(i32.index_f64 %at)'

describe('accesses whose index the passes after the split write in another way stay in bounds', () => {
  const cases: readonly (readonly [string, string, (n: number, k: number) => readonly [number, number]])[] = [
    [
      'a row at a constant that becomes part of a term',
      'store.f64 %x %i (load.f64 %y (i32.add (i32.mul %i 3) (i32.add %k 1)))',
      (n, k) => [n, 3 * n + k],
    ],
    [
      'the same where a condition holds',
      'if (f64.gt (load.f64 %x %i) 0.0) { store.f64 %x %i (load.f64 %y (i32.add (i32.mul %i 2) (i32.add %k 1))) }',
      (n, k) => [n, 2 * n + k],
    ],
    [
      'a load at an index that becomes an integer',
      `${AT} store.f64 %x %i (cond (i32.lt_u ${INDEX} (len %y)) (load.f64 %y ${INDEX}) 1.5)`,
      n => [n, n],
    ],
    [
      'a masked store at such an index',
      `${AT} if (i32.lt_u ${INDEX} (len %x)) { store.f64 %x ${INDEX} (load.f64 %y %i) }`,
      n => [n, n],
    ],
  ]
  test.each(cases)('%s', (_name, body, lengthsOf) => {
    const module = program(body)
    const { module: made } = vectorised(module)
    expect(printModule(made)).toContain('vload')
    for (let n = 0; n < 36; n++) {
      for (let k = 0; k < 4; k++) {
        const elements = (one: Module): number[] => elementsAfter(one, ...lengthsOf(n, k), n, k)
        expect(elements(made), `n = ${n}, k = ${k}`).toEqual(elements(module))
      }
    }
  })
  test('a division that traps is done only where the loop comes to it', () => {
    for (const body of [
      'if (i32.gt_s %k 0) { store.f64 %x %i (load.f64 %y (i32.add %i (i32.div_s 3 %k))) }',
      'if (i32.gt_s %k 0) { store.f64 %x %i (f64.from_i32_s (i32.shl %i (i32.div_s 3 %k))) }',
    ]) {
      const module = program(body)
      const { module: made } = vectorised(module)
      for (const k of [0, 1]) expect(elementsAfter(made, 30, 40, 30, k)).toEqual(elementsAfter(module, 30, 40, 30, k))
    }
  })
})

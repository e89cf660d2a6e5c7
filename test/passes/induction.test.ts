import { describe, expect, test } from 'vitest'
import type { Module } from '../../compiler/ir/ir.ts'
import { visitStmts } from '../../compiler/ir/rewrite.ts'
import { printModule } from '../../compiler/ir/text.ts'
import { verifyOrThrow } from '../../compiler/ir/verify.ts'
import { counted } from '../../compiler/passes/counted.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { dce } from '../../compiler/passes/dce.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { induction } from '../../compiler/passes/induction.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { goldenTests } from './golden.ts'
import { type LoweredKernel, lowerKernel, NUMBERS, runKernel } from './js-run.ts'
import { random } from './random.ts'

goldenTests('induction', [induction])

const BEFORE = [fold, cse, dce, counted]

function kernelOf(body: string): LoweredKernel {
  const kernel = lowerKernel(`function kernel(a, b, d, e, n, m) { ${body} }`, true)
  if (!kernel) throw new TypeError('outside of the language')
  return kernel
}

const passed = (kernel: LoweredKernel): Module => BEFORE.reduce((made, pass) => pass.run(made, silent), kernel.module)

/** How often a body still adds to one of its own f64 locals. */
function carried(module: Module): number {
  let count = 0
  for (const { body, locals } of module.funcs) {
    visitStmts(body, stmt => {
      if (stmt.kind !== 'set' || stmt.value.kind !== 'op' || locals[stmt.local]?.type !== 'f64') return
      if (stmt.value.args.some(arg => arg.kind === 'get' && arg.local === stmt.local)) count++
    })
  }
  return count
}

describe('what is replaced', () => {
  test.each([
    'let at = 0; for (let i = 0; i < n; i++) a[at++] = i',
    'let at = 0; for (let i = 0; i < n; i++) { a[at] = i; at += 2 } return at',
    'let at = 7; for (let i = 0; i < n; i += 3) { a[at] = i; at -= 2 } return at',
    'let at = 0; for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) a[at++] = i',
    'let at = 0; for (let i = 0; i < n; i++) { a[at++] = 1; for (let j = 0; j < m; j++) a[at++] = i; a[at++] = 2 }',
    'let at = 0; for (let i = 0; i < n; i++) { if (a[i] > 3) break; b[at++] = i } return at',
    'let at = 0; for (let i = 0; i < n; i++) { b[at++] = i; if (a[i] > 3) break } return at',
    'let at = 0; for (let i = 0; i < n; i++) { b[at] = i; at = (at + 1) | 0 } return at',
    'let at = 0; for (let i = 0; i < n; i++) { b[at] = i; at += m } return at',
  ])('%s', body => {
    expect(carried(induction.run(passed(kernelOf(body)), silent))).toBe(0)
  })
})

test.each([
  'let at = 0; for (let i = 0; i < n; i++) { if (a[i] > 3) a[at++] = i }',
  'let at = 0; for (let i = 0; i < n; i++) { if (a[i] > 3) continue; a[at++] = i }',
  'let at = 0; for (let i = 0; i < n; i++) { b[at] = i; at += 0.5 }',
  'let at = 0; for (let i = 0; i < n; i++) { b[at] = i; at += a[i] }',
  'let at = 0; for (let i = 0; i < n; i++) { b[at] = i; at += i }',
  'let s = 0; for (let i = 0; i < n; i++) s += 3; return s',
])('stays as it is: %s', body => {
  const module = passed(kernelOf(body))
  expect(induction.run(module, silent)).toBe(module)
})

test('a loop beyond 32 bits leaves the call before it begins', () => {
  const kernel = kernelOf('let at = 0; for (let i = 0; i < n; i++) { a[at] = 5; at += 1e9 } return at')
  const module = induction.run(passed(kernel), silent)
  const run = (n: number): string => runKernel(kernel, module, [n, 1], [9, 6, 8, 5], 1000).end
  expect([0, 1, 2, 3, 9].map(run)).toEqual(['return', 'return', 'return', 'exit', 'exit'])
})

test('inside of a loop that is not counted, a loop beyond 32 bits stays as it was', () => {
  const kernel = kernelOf(
    'let at = 0; for (let k = 1; k < n; k *= 2) for (let i = 0; i < m; i++) { a[at] = k; at += 1e9 } return at',
  )
  const module = induction.run(passed(kernel), silent)
  expect(module.exits.length).toBe(kernel.module.exits.length)
  expect(runKernel(kernel, module, [9, 2], [9, 6, 8, 5], 1000)).toMatchObject({ end: 'return', result: 8e9 })
})

// ---- random loops

/** Nests with one or two indices beside their counters, moved and used wherever there is a place for it. */
function randomRunning(seed: number): string {
  const rng = random(seed)
  let names = 0
  const by = (v: string): string =>
    rng.pick([`${v}++`, `${v}++`, `${v} += 2`, `${v} -= 3`, `${v} += m`, `${v} = (${v} + 5) | 0`, `${v} += 7e8`])
  const use = (v: string): string =>
    rng.pick([
      `a[${v}] = n + ${v}`,
      `b[${v}]++`,
      `s += a[${v}]`,
      `a[${v}++] = 1 / ${v}`,
      `s += 1 / ${v}`,
      `a[${v} + 1] = 3`,
    ])
  const test = (): string => rng.pick(['s > 5', 'p === 3', 'q < 2', 'a[p] < 1', 'n > 2'])
  const line = (depth: number): string => {
    const v = rng.pick(['p', 'q'])
    switch (rng.int(9)) {
      case 0:
      case 1:
        return by(v)
      case 2:
        return rng.chance(2) ? `if (${test()}) ${rng.pick(['break', 'continue', 'return p', 'break top'])}` : use(v)
      case 3:
        return rng.chance(3) ? `if (${test()}) ${by(v)}` : use(v)
      case 4:
      case 5:
        return depth < 2 ? loop(depth + 1) : use(v)
      default:
        return use(v)
    }
  }
  const loop = (depth: number): string => {
    const i = `i${names++}`
    const head = rng.pick([
      `let ${i} = 0; ${i} < n; ${i}++`,
      `let ${i} = 0; ${i} < m; ${i}++`,
      `let ${i} = -1; ${i} < 4; ${i} += 2`,
      `let ${i} = 1; ${i} <= 6; ${i} += 3`,
      `let ${i} = n; ${i} > 0; ${i}--`,
      `let ${i} = m; ${i} < n; ${i}++`,
      `let ${i} = 0; ${i} < p; ${i} += 2`,
      `let ${i} = 1; ${i} < n; ${i} *= 2`,
    ])
    const lines = Array.from({ length: 1 + rng.int(4) }, () => line(depth))
    return `for (${head}) {\n${lines.join('\n')}\n}`
  }
  const start = (): string => rng.pick(['0', '0', '3', 'n', 'm - 5', '-0', '0.5', 'a[1]', '2147483645'])
  return `let s = 0, p = ${start()}, q = ${start()}\ntop: {\n${loop(0)}\n${rng.chance(2) ? loop(0) : ''}\n}\nreturn ${rng.pick(['s', 'p', 'q', 'p - q', '1 / p'])}`
}

const RUNS = Number(process.env.IRIS_PROPERTY_RUNS ?? 400)
const FIRST = Number(process.env.IRIS_SEED ?? 1)

test('random loops behave as before, or leave the call', () => {
  let [compared, replaced, left] = [0, 0, 0]
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
    const text = randomRunning(seed)
    const kernel = kernelOf(text)
    const before = passed(kernel)
    const module = induction.run(before, silent)
    if (module === before) continue
    verifyOrThrow(module, 'optimised', 'induction')
    replaced++
    for (const numbers of NUMBERS) {
      const wanted = runKernel(kernel, before, numbers, [9, 6, 8, 5], 3000)
      if (wanted.end !== 'return') continue
      const found = runKernel(kernel, module, numbers, [9, 6, 8, 5], 20_000)
      compared++
      if (found.end === 'exit') left++
      else expect(found, `seed ${seed} with ${numbers}\n${text}\n${printModule(module)}`).toEqual(wanted)
    }
  }
  expect(replaced).toBeGreaterThan(RUNS / 5)
  expect(left).toBeLessThan(compared / 4)
})

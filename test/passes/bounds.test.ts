import { expect, test } from 'vitest'
import { boundsCheckOf } from '../../compiler/analysis/subscript-demands.ts'
import type { Stmt } from '../../compiler/ir/ir.ts'
import { visitAllExprs, visitStmts } from '../../compiler/ir/rewrite.ts'
import { bounds } from '../../compiler/passes/bounds.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { PIPELINE } from '../../compiler/pipeline.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'
import { lowerKernel } from './js-run.ts'

goldenTests('bounds', [bounds, fold])

test('random modules behave as before', () => sameBehaviour([bounds], 200))

/** Bounds checks of each innermost loop, fewest first. */
function checksLeft(body: string): readonly number[] {
  const kernel = lowerKernel(`function kernel(a, b, d, e, n, m) { let s = 0; ${body}; return s }`, true)
  if (!kernel) throw new TypeError('outside of the language')
  const module = PIPELINE.reduce((made, pass) => pass.run(made, silent), kernel.module)
  const counts: number[] = []
  for (const func of module.funcs) {
    visitStmts(func.body, stmt => {
      if (stmt.kind === 'for' && !hasLoop(stmt.body)) counts.push(checksIn(stmt.body))
    })
  }
  return counts.sort((x, y) => x - y)
}

function hasLoop(body: readonly Stmt[]): boolean {
  let found = false
  visitStmts(body, stmt => {
    found ||= stmt.kind === 'for' || stmt.kind === 'loop'
  })
  return found
}

function checksIn(body: readonly Stmt[]): number {
  let count = 0
  visitAllExprs(body, node => {
    if (boundsCheckOf(node)) count++
  })
  return count
}

test.each([
  'for (let i = 0; i < a.length; i++) s += a[i]',
  'for (let i = 0; i < a.length; i++) e[i] = a[i] * 2',
  'for (let i = 1; i < n - 1; i++) a[i] = (a[i - 1] + a[i + 1]) / 2',
  'for (let i = 0; i < n; i++) a[n - 1 - i] = e[i]',
  'for (let i = a.length - 1; i >= 0; i--) s = s / 2 + a[i]',
  'for (let i = 0; i < n; i++) { const p = i * 4; e[i] = d[p] + d[p + 1] + d[p + 2] }',
  'for (let i = 0, j = 0; i < d.length; i += 4, j++) e[j] = d[i] + d[i + 1] + d[i + 3]',
  'for (let i = 0; i < n; i++) s += a[i & 7] + e[d[i]] + b[d[i] >> 2]',
  'for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) a[i * n + j] += e[i * n + k] * b[k * n + j]',
  'for (let y = 1; y < m - 1; y++) for (let x = 1; x < n - 1; x++) { const i = y * n + x; a[i] = e[i - 1] + e[i + 1] + e[i - n] + e[i + n] }',
  'for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) s += a[i] - a[j]',
  'for (let i = 0; i < n; i++) { if (i > 0) s += a[i - 1]; if (i < n - 1) s += a[i + 1] }',
  'let p = 0; for (let i = 0; i < n; i++) { s += a[p]; p += 3 }',
  'for (let y = 0; y < m; y++) for (let x = 0; x < n; x++) for (let k = -1; k <= 1; k++) { const q = x + k; if (q >= 0 && q < n) s += a[y * n + q] }',
])('%s runs without checks', body => {
  expect(checksLeft(body)[0]).toBe(0)
})

test('an index from an array keeps its own check only', () => {
  expect(checksLeft('for (let i = 0; i < n; i++) s += a[b[i]]')[0]).toBe(1)
})

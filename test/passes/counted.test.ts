import { expect, test } from 'vitest'
import type { Stmt } from '../../compiler/ir/ir.ts'
import { visitStmts } from '../../compiler/ir/rewrite.ts'
import { counted } from '../../compiler/passes/counted.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { dce } from '../../compiler/passes/dce.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'
import { lowerKernel } from './js-run.ts'

goldenTests('counted', [counted, fold])

test('random modules behave as before', () => sameBehaviour([counted], 200))

/** How many loops of a kernel are counted. */
function loops(body: string): { readonly counted: number; readonly other: number } {
  const kernel = lowerKernel(`function kernel(a, b, d, e, n, m) { let s = 0; ${body}; return s }`, true)
  if (!kernel) throw new TypeError('outside of the language')
  const module = [fold, cse, dce, counted].reduce((made, pass) => pass.run(made, silent), kernel.module)
  const kinds: Stmt['kind'][] = []
  for (const func of module.funcs) visitStmts(func.body, stmt => kinds.push(stmt.kind))
  return { counted: kinds.filter(kind => kind === 'for').length, other: kinds.filter(kind => kind === 'loop').length }
}

test.each([
  'for (let i = 0; i < a.length; i++) s += a[i]',
  'for (let i = 0; i <= n; i++) s += i',
  'for (let i = 0; i != n; i++) s += i',
  'for (let i = 0; n > i; i += 3) s += i',
  'for (let i = n; i > 0; i--) s += i',
  'for (let i = a.length - 1; i >= 0; i--) s += a[i]',
  'for (let i = 0; i < n; ++i) { if (i === 3) continue; if (s > 9) break; s += i }',
  'for (let i = 0; i < 255 && s < 10; i++) s += i',
  'let i = 0; while (i < n) { s += i; i++ } s += i',
  'let i = 0; while (i < n) { const t = a[i++]; s += t }',
  'for (let i = m; i < n; i++) s += i',
  'for (const x of a) s += x',
])('%s is a counted loop', body => {
  expect(loops(body)).toEqual({ counted: 1, other: 0 })
})

test('nests are counted at every level', () => {
  const body = 'for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) for (let k = 0; k < j; k++) s += i * j * k'
  expect(loops(body)).toEqual({ counted: 3, other: 0 })
})

test.each([
  'for (let i = 1; i < n; i *= 2) s += i',
  'let i = 0; while (i < n) { if (s > 3) i++; s++ ; if (s > 100) break }',
  'for (let i = 0.5; i < n; i++) s += i',
  'let k = n; for (let i = 0; i < k; i++) { k-- ; s += i }',
])('%s is none', body => {
  expect(loops(body)).toEqual({ counted: 0, other: 1 })
})

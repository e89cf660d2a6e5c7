import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Engine } from '../../runtime/exec/engine.ts'
import { newEngine } from '../exec/support.ts'
import { type AnyFn, observe, type Provocation } from './observe.ts'

/**
 * Sources and arguments that nobody supports, through `offload`: each gives the result of JavaScript and, where it does
 * not compile, says so with its code; nothing crashes or hangs.
 */
type Bad = readonly [name: string, code: string | 'compiles', provocation: Provocation]

const js = (text: string): AnyFn => runInThisContext(`(${text})`) as AnyFn
const made = (body: string): AnyFn => runInThisContext(`(() => { ${body} })()`) as AnyFn
const on = (fn: AnyFn, ...args: unknown[]): Provocation => ({ fn, args: () => args })
const f64 = (...values: number[]): Float64Array => Float64Array.from(values)

const TABLE: readonly Bad[] = [
  // captures
  ['a closure over mutable state', 'IRIS1008', on(made('let n = 0; const up = () => n++; up(); return x => x + n'), 1)],
  ['a closure that counts its calls', 'IRIS2002', on(made('let n = 0; return x => { n = 7; return x + n }'), 1)],
  ['a captured getter', 'IRIS4005', on(made('const o = { get v() { return 4 } }; return x => x + o.v'), 1)],
  ['a captured Proxy', 'IRIS4005', on(made('const o = new Proxy({ v: 4 }, {}); return x => x + o.v'), 1)],
  ['a captured function that is a Proxy', 'IRIS1009', on(made('const f = new Proxy(x => x, {}); return x => f(x)'), 1)],
  ['a captured Map', 'IRIS2', on(made('const m = new Map([[1, 2]]); return x => m.get(x)'), 1)],
  ['a captured string', 'compiles', on(made('const s = "abc"; return x => s.length + x'), 1)],
  ['a cyclic capture', 'IRIS', on(made('const o = { v: 1 }; o.me = o; return x => x + o.me.me.v'), 1)],
  ['a capture named __proto__', 'compiles', on(made('const __proto__ = 3; return x => x + __proto__'), 1)],
  [
    'an object whose __proto__ throws',
    'IRIS',
    on(
      made(
        'const o = { __proto__: new Proxy({}, { get() { throw new Error("read") }, has() { throw 1 } }) }; return x => { if (x > 5) return o.v; return x }',
      ),
      1,
    ),
  ],
  [
    'a global that does not exist',
    'IRIS1007',
    on(made('return x => (x > 5 ? nowhereAtAll + x : nowhereAtAll2 * x, 1)'), 1),
  ],
  [
    'a patched Math',
    'compiles',
    on(made('const M = { ...Math, imul: undefined }; M.imul = (a, b) => 42; return x => M.imul(x, 2)'), 3),
  ],
  ['a captured class', 'IRIS', on(made('class P { constructor(x) { this.x = x } } return x => new P(x).x'), 2)],
  ['a captured regular expression', 'IRIS', on(made('const r = /a/; return x => (r.test("a") ? x : 0)'), 2)],
  ['a captured Date', 'IRIS', on(made('const d = new Date(5); return x => d.getTime() + x'), 2)],
  ['a captured symbol', 'IRIS', on(made('const s = Symbol("s"); return x => ({ [s]: x })[s]'), 2)],
  // forms of functions
  ['eval', 'IRIS2003', on(js('function (x) { return eval("x + 1") }'), 1)],
  ['with', 'IRIS2003', on(js('function (o) { with (o) { return x } }'), { x: 3 })],
  ['an async helper', 'IRIS', on(made('const f = async x => x; return x => { f(x); return x }'), 1)],
  [
    'a getter function',
    'IRIS1004',
    on(made('return Object.getOwnPropertyDescriptor({ get x() { return 1 } }, "x").get')),
  ],
  ['a native function', 'IRIS1001', on(Math.max as AnyFn, 1, 2)],
  ['a bound function', 'IRIS1001', on(made('return function (x) { return x * 2 }.bind(null)'), 4)],
  ['a Proxy of a function', 'IRIS1009', on(new Proxy(js('x => x * 2'), {}), 4)],
  [
    'a function whose toString lies',
    'compiles',
    on(made('const f = x => x + 1; f.toString = () => "x => x + 2"; return f'), 4),
  ],
  ['a tagged template', 'IRIS2', on(js('x => String.raw`$' + '{x}`.length'), 4)],
  ['new.target', 'IRIS2', on(js('function (x) { return new.target === undefined ? x : 0 }'), 4)],
  ['a regular expression literal', 'IRIS2', on(js('x => (/a/.test("a") ? x : 0)'), 4)],
  ['BigInt arithmetic', 'IRIS', on(js('x => Number(BigInt(x) * 3n)'), 4)],
  ['try with finally', 'IRIS2', on(js('x => { try { return x } finally { x = 5 } }'), 4)],
  [
    'catch that swallows',
    'IRIS4006',
    on(js('x => { try { if (x > 3) throw new Error("e"); return 1 } catch (e) { return 2 } }'), 4),
  ],
  ['delete', 'IRIS2', on(js('x => { const o = { a: x }; delete o.a; return o.a === undefined ? 1 : 0 }'), 4)],
  ['a computed key', 'IRIS', on(js('(x, k) => { const o = { [k]: x }; return o[k] }'), 4, 'a')],
  ['spread of an object', 'IRIS', on(js('o => { const p = { ...o }; return p.x }'), { x: 3 })],
  ['arguments that escape', 'IRIS2001', on(js('function (x) { return Array.from(arguments).length + x }'), 4)],
  ['writing arguments', 'IRIS2005', on(js('function (x) { arguments[0] = 9; return x }'), 4)],
  ['string concatenation', 'IRIS2', on(js('x => ("a" + x).length'), 4)],
  ['sorting with a comparator', 'IRIS2', on(js('xs => xs.slice().sort((a, b) => (b % 2) - a)[0]'), f64(1, 3, 2))],
  ['a global of browsers', 'IRIS1007', on(js('x => (typeof window === "undefined" ? x : window.x)'), 1)],
  // what one place of the lowering cannot tell from another
  [
    'two closures of one function',
    'IRIS2001',
    on(js('(k => { const f = v => x => x + v, a = f(1), b = f(2); return a(k) + b(k) })'), 3),
  ],
  [
    'a counter made again in a loop',
    'IRIS2001',
    on(
      js(
        'n => { const f = k => () => ++k, a = f(1); let s = 0; for (let i = 0; i < n; i++) { s += a(); s += f(50)() } return s }',
      ),
      3,
    ),
  ],
  [
    'a closure over the head of a loop',
    'IRIS2001',
    on(js('n => { let s = 0; for (let i = 0, f = () => i; i < n; i++) s += f() + 1; return s }'), 3),
  ],
  ['a field that some paths add', 'IRIS3', on(js('x => { const o = { a: x }; if (x > 3) o.b = 2; return o.b }'), 4)],
  [
    'a field that a loop adds',
    'IRIS3',
    on(js('n => { const o = {}; for (let i = 0; i < n; i++) o.b = i; return o.b }'), 4),
  ],
  [
    'asking for a field that a loop adds',
    'IRIS3',
    on(js("n => { const o = {}; let s = 0; for (let i = 0; i < n; i++) { if ('b' in o) s++; o.b = i } return s }"), 4),
  ],
  ['one object in two places of a result', 'IRIS3005', on(js('x => { const p = { x }; return { a: p, b: p } }'), 4)],
  ['isArray of an array of strings', 'IRIS', on(js('xs => Array.isArray(xs)'), ['a'])],
  [
    'a destructuring target with effects',
    'IRIS2001',
    on(js('(u, a) => { [a[(u[0] = 9, 0)]] = u; return a[0] }'), f64(1, 2), f64(3, 4)),
  ],
  // size
  ['10 MB of source', 'IRIS1005', on(js(`x => { /* ${'y'.repeat(10_000_000)} */ return x }`), 1)],
  ['600 nested sums', 'IRIS1006', on(js(`x => ${'('.repeat(600)}x${' + 1)'.repeat(600)}`), 1)],
  ['600 nested blocks', 'IRIS1006', on(js(`x => { ${'{'.repeat(600)} x++ ${'}'.repeat(600)} return x }`), 1)],
  ['5,000 statements', 'compiles', on(js(`x => { ${'x = x * 1.0001 + 1;'.repeat(5000)} return x }`), 1)],
  [
    'a long chain of helpers',
    'IRIS1010',
    on(
      made(
        `${Array.from({ length: 450 }, (_, i) => `const f${i} = x => ${i ? `f${i - 1}(x) + 1` : 'x'}`).join(';')}; return f449`,
      ),
      1,
    ),
  ],
  [
    'mutually recursive helpers',
    'compiles',
    on(made('const even = n => (n === 0 ? 1 : odd(n - 1)), odd = n => (n === 0 ? 0 : even(n - 1)); return even'), 8),
  ],
  // arguments
  ['a BigInt argument', 'IRIS4001', on(js('(a, b) => Number(a) + b'), 5n, 1)],
  ['a symbol argument', 'IRIS4001', on(js('(a, b) => (typeof a === "symbol" ? b : 0)'), Symbol.iterator, 1)],
  ['a BigInt64Array', 'IRIS', on(js('a => Number(a[0])'), new BigInt64Array(2))],
  ['a DataView', 'IRIS', on(js('a => a.getInt8(0)'), new DataView(new ArrayBuffer(8)))],
  ['a Proxy argument', 'IRIS4005', on(js('o => o.x + 1'), new Proxy({ x: 3 }, {}))],
  ['an argument with a getter', 'IRIS4005', on(js('o => o.x + 1'), Object.defineProperty({}, 'x', { get: () => 3 }))],
  ['an object with a null prototype', 'compiles', on(js('o => o.x + 1'), Object.assign(Object.create(null), { x: 3 }))],
  [
    'a cyclic argument',
    'IRIS',
    (() => {
      const o: Record<string, unknown> = { x: 3 }
      o.me = o
      return on(js('o => o.me.x + 1'), o)
    })(),
  ],
  [
    'a frozen array that is written',
    'IRIS',
    { fn: js('xs => { xs[0] = 5; return xs[0] }'), args: () => [Object.freeze([1, 2])] },
  ],
  [
    'a subclass of Float64Array',
    'IRIS4001',
    on(js('a => a.length + a[0]'), new (class Mine extends Float64Array {})(2)),
  ],
  ['an array with a property of its own', 'IRIS', on(js('a => a.scale * a[0]'), Object.assign([1, 2], { scale: 3 }))],
  ['an array of strings', 'IRIS', on(js('xs => xs[0].length'), ['abc'])],
  ['no arguments at all', 'compiles', on(js('(a, b) => (a === undefined ? 1 : b)'))],
  ['300 arguments', 'compiles', on(js('(...xs) => xs.length'), ...Array.from({ length: 300 }, (_, i) => i))],
  ['an endless recursion', 'compiles', { fn: js('function f(n) { return n <= 0 ? 0 : f(n - 1) }'), args: () => [50] }],
]

describe('bad input through offload', () => {
  it('is a table of at least 40', () => {
    expect(TABLE.length).toBeGreaterThanOrEqual(40)
  })

  it.each(TABLE)('%s', { timeout: 30_000 }, async (_name, code, provocation) => {
    const engine: Engine = await newEngine()
    const started = performance.now()
    const { codes, different } = await observe(engine, provocation)
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(different).toEqual([])
    expect([...codes].join(' ') || 'compiles').toMatch(new RegExp(`\\b${code}`))
    expect([...codes]).not.toContain('IRIS5003')
  })
})

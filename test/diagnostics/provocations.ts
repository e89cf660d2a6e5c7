import { runInThisContext } from 'node:vm'
import type { DiagnosticCode } from '../../base/diagnostic.ts'
import { kernels } from '../../src/kernels/index.ts'
import type { AnyFn, Provocation } from './observe.ts'

/** One row for each code that a call of a kernel can provoke. */
export interface Row extends Provocation {
  readonly code: DiagnosticCode
  /** where the span begins and ends in the text of the function */
  readonly at?: string
  /** the calls mean something else than those of the original: elementwise */
  readonly isBroadcast?: true
}

/** Functions as plain JavaScript, untouched by the tools that run the tests. */
const js = (text: string): AnyFn => runInThisContext(`(${text})`) as AnyFn
const made = (body: string): AnyFn => runInThisContext(`(() => { ${body} })()`) as AnyFn

const f64 = (...values: number[]): Float64Array => Float64Array.from(values)

function detached(): Float64Array {
  const array = f64(1, 2)
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] })
  return array
}

export const ROWS: readonly Row[] = [
  // source
  { code: 'IRIS1001', fn: Math.sin as AnyFn, args: () => [1] },
  { code: 'IRIS1003', fn: js('async x => 1'), args: () => [1] },
  { code: 'IRIS1004', fn: made('return Object.getOwnPropertyDescriptor({ get x() { return 1 } }, "x").get') },
  { code: 'IRIS1005', fn: js(`x => { /* ${'y'.repeat(300_000)} */ return x + 1 }`), args: () => [1] },
  { code: 'IRIS1006', fn: js(`x => ${'('.repeat(600)}x${' + 1)'.repeat(600)}`), args: () => [1] },
  {
    code: 'IRIS1007',
    fn: made('globalThis.irisTestValue = 3; return x => x + irisTestValue'),
    args: () => [1],
    at: 'x + irisTestValue',
  },
  {
    code: 'IRIS1008',
    fn: made('let k = 1; globalThis.irisTestSet = v => { k = v }; return x => x + k'),
    args: () => [1],
    at: 'x + k',
  },
  { code: 'IRIS1009', fn: new Proxy(js('x => x'), {}), args: () => [1] },
  {
    code: 'IRIS1010',
    fn: made(
      `${Array.from({ length: 500 }, (_, i) => `const f${i} = x => ${i === 0 ? 'x' : `f${i - 1}(x)`} + ${i}`).join('\n')}\nreturn f499`,
    ),
    args: () => [1],
  },
  // language
  {
    code: 'IRIS2001',
    fn: js('x => { for (const k in { a: 1 }) x += k.length; return x }'),
    args: () => [1],
    at: 'for (const k in { a: 1 }) x += k.length;',
  },
  {
    code: 'IRIS2002',
    fn: made('let count = 0; return x => { count = x; return count }'),
    args: () => [1],
    at: 'count',
  },
  { code: 'IRIS2003', fn: js('function (x) { return eval("x") }'), args: () => [1] },
  { code: 'IRIS2004', fn: js('x => x + JSON.stringify(x).length'), args: () => [1] },
  { code: 'IRIS2005', fn: js('function (x) { x = 2; return arguments[0] + x }'), args: () => [1], at: 'arguments[0]' },
  { code: 'IRIS2006', fn: js("xs => xs.join(',')"), args: () => [f64(1, 2)], at: "xs.join(',')" },
  {
    code: 'IRIS2008',
    fn: js('n => { const f = k => (k < 1 ? n : f(k - 1)); return f(3) }'),
    args: () => [2],
  },
  { code: 'IRIS2009', fn: xs => kernels.sort(xs as Float64Array)[0], args: () => [f64(2, 1)] },
  // types
  {
    code: 'IRIS3001',
    fn: js('(a, x) => { let t = a; if (x > 1) t = x; return t + 1 }'),
    args: () => [f64(1), 2],
    at: 't + 1',
  },
  { code: 'IRIS3002', fn: js('xs => Math.sqrt(xs) + xs.length'), args: () => [f64(4)], at: 'Math.sqrt(xs)' },
  { code: 'IRIS3003', fn: js('x => x > 1'), args: () => [1], options: { returns: 'f64' } },
  {
    code: 'IRIS3004',
    fn: js('o => Number(o.x) * 2'),
    args: () => [{ x: 5n }],
    at: 'Number(o.x)',
  },
  { code: 'IRIS3005', fn: js('a => a.subarray(1)'), args: () => [f64(1, 2)] },
  // arguments
  { code: 'IRIS4001', fn: js('(a, b) => a + Number(b)'), args: () => [1, 5n] },
  {
    code: 'IRIS4002',
    fn: js('(a, b) => { for (let i = 0; i < 2; i++) a[i] = b[i] + 1 }'),
    args: () => [f64(1, 2), f64(3, 4)],
    then: [
      () => {
        const { buffer } = f64(1, 2, 3)
        return [new Float64Array(buffer, 0, 2), new Float64Array(buffer, 8, 2)]
      },
    ],
  },
  { code: 'IRIS4003', fn: js('a => a.length'), args: () => [f64(1)], then: [() => [detached()]] },
  {
    code: 'IRIS4004',
    isBroadcast: true,
    fn: js('(a, b) => a * b'),
    args: () => [f64(1, 2), f64(1, 2)],
    then: [() => [f64(1, 2), f64(1)]],
  },
  {
    code: 'IRIS4005',
    fn: js('o => o.x * 2'),
    args: () => [
      {
        get x() {
          return 3
        },
      },
    ],
  },
  {
    code: 'IRIS4006',
    fn: js('x => { if (x < 0) throw new RangeError("negative"); return Math.sqrt(x) }'),
    args: () => [4],
    then: [() => [-1]],
  },
  {
    code: 'IRIS4007',
    fn: js('xs => { let s = 0; for (let i = 0; i < xs.length; i++) s += xs[i]; return s }'),
    args: () => [[1, 2]],
    then: [() => [Object.assign([1], { 2: 3 })]],
  },
  {
    code: 'IRIS4008',
    fn: js('(a, b) => (typeof a === "number" ? 1 : 2) + (typeof b === "number" ? 3 : 4)'),
    args: () => [1, 2],
    then: [true, undefined, null, f64(1), [1], { x: 1 }].flatMap(a => [1, true, undefined].map(b => () => [a, b])),
  },
  {
    code: 'IRIS4009',
    fn: js('m => { m[0][0] = 5; return m[1][0] }'),
    args: () => [[[1], [2]]],
    then: [
      () => {
        const row = [1]
        return [[row, row]]
      },
    ],
  },
]

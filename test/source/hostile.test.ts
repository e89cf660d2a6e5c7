import { performance } from 'node:perf_hooks'
import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { Miss } from '../../base/diagnostic.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { parseFunction, readSource } from '../../compiler/source/parse.ts'
import { resolveScopes } from '../../compiler/source/scope.ts'

/**
 * Sources that nobody writes, and some that people do. Each is read or refused with its code, quickly; the front end
 * neither crashes nor hangs, and runs no code of the user.
 */
type Outcome = `IRIS${number}` | 'read'

function outcomeOf(fn: object): Outcome {
  try {
    for (const [index, source] of captureGraph(fn).graph.functions.entries())
      resolveScopes(readSource(source, index), index)
    return 'read'
  } catch (error) {
    if (error instanceof Miss) return error.diagnostic.code as Outcome
    throw error
  }
}

function outcomeOfText(text: string): Outcome {
  try {
    resolveScopes(parseFunction(text, 0))
    return 'read'
  } catch (error) {
    if (error instanceof Miss) return error.diagnostic.code as Outcome
    throw error
  }
}

const DEADLINE_MS = 15_000
function inTime<T>(work: () => T): T {
  const started = performance.now()
  const result = work()
  expect(performance.now() - started).toBeLessThan(DEADLINE_MS)
  return result
}

const live: readonly [name: string, script: string, expected: Outcome][] = [
  ['direct eval', '(function (x) { return eval("x") })', 'IRIS2003'],
  ['direct eval in a nested arrow', '(function (x) { return (() => eval("x"))() })', 'IRIS2003'],
  ['with', '(function (o) { with (o) { return x } })', 'IRIS2003'],
  ['inside a with', '(() => { with ({ q: 1 }) { return x => x + q } })()', 'read'],
  ['a getter', 'Object.getOwnPropertyDescriptor({ get x() { return 1 } }, "x").get', 'IRIS1004'],
  ['a setter', 'Object.getOwnPropertyDescriptor({ set x(v) {} }, "x").set', 'IRIS1004'],
  ['a static getter', 'Object.getOwnPropertyDescriptor(class { static get x() { return 1 } }, "x").get', 'IRIS1004'],
  ['a class', '(class A { constructor(x) { this.x = x } })', 'IRIS1004'],
  ['a class with fields and private names', '(class A { #x = 1; static { this.y = 2 } z = this.#x })', 'IRIS1004'],
  ['a Proxy', 'new Proxy(x => x, {})', 'IRIS1009'],
  ['a Proxy with traps that throw', 'new Proxy(x => x, new Proxy({}, { get() { throw 1 } }))', 'IRIS1009'],
  ['a native function', 'Math.sin', 'IRIS1001'],
  ['a bound function', '(function () {}).bind(1)', 'IRIS1001'],
  ['an async function', '(async function () {})', 'IRIS1003'],
  ['an async arrow', '(async x => x)', 'IRIS1003'],
  ['a generator', '(function* () {})', 'IRIS1003'],
  ['an async generator method', '({ async *m() {} }).m', 'IRIS1003'],
  ['the Function constructor', 'new Function("a", "b", "return a + b")', 'read'],
  ['the Function constructor with a comment at the end', 'new Function("a", "return a //")', 'read'],
  [
    'a captured object whose __proto__ is a Proxy',
    '(() => { const o = { __proto__: new Proxy({}, { get() { throw 1 } }) }; return x => o.a + o.b })()',
    'read',
  ],
  ['a variable named __proto__', '(() => { const __proto__ = 3; return x => x + __proto__ })()', 'read'],
  [
    'variables named like members of Object.prototype',
    '(() => { const constructor = 1, toString = 2, hasOwnProperty = 3; return () => constructor + toString + hasOwnProperty })()',
    'read',
  ],
  ['a cyclic capture', '(() => { const o = { n: 1 }; o.self = o; return () => o.self.self.n })()', 'read'],
  ['cyclic helpers', '(() => { const a = x => b(x), b = x => a(x); return a })()', 'read'],
  ['a list that contains itself', '(() => { const l = [1]; l.push(l); return () => l[1] })()', 'read'],
  [
    'an endless chain of objects',
    '(() => { let o = {}; const first = o; for (let i = 0; i < 1e5; i++) o = o.next = {}; return () => first.next.next })()',
    'read',
  ],
  ['a capture with a throwing getter', '(() => { const o = { get x() { throw 1 } }; return () => o.x })()', 'read'],
  [
    'a typed array whose length is an accessor',
    '(() => { const t = new Float64Array(2); Object.defineProperty(t, "length", { get() { throw 1 } }); return () => t[0] + t.length })()',
    'read',
  ],
  [
    'a typed array of a derived class',
    '(() => { const t = new (class extends Float64Array { get length() { throw 1 } })(2); return () => t[0] })()',
    'read',
  ],
  [
    'a resizable buffer',
    '(() => { const t = new Float64Array(new ArrayBuffer(8, { maxByteLength: 16 })); return () => t[0] })()',
    'read',
  ],
  [
    'a null prototype and symbol keys',
    '(() => { const o = Object.create(null, { [Symbol.toPrimitive]: { get() { throw 1 } } }); return () => o.x })()',
    'read',
  ],
  [
    'a name property that throws',
    '(() => { const f = x => x; Object.defineProperty(f, "name", { get() { throw 1 } }); return f })()',
    'read',
  ],
  ['a toString that lies', '(() => { const f = x => x; f.toString = () => { throw 1 }; return f })()', 'read'],
  ['a helper that is a Proxy', '(() => { const p = new Proxy(x => x, {}); return x => p(x) })()', 'read'],
  ['a helper that is async', '(() => { const p = async x => x; return x => p(x) })()', 'read'],
  ['unicode names', '(() => { const π = 3.14, 𝑥 = 2, \\u0061b = 1; return ñ => ñ * π + 𝑥 + ab })()', 'read'],
  ['super in a method', '({ __proto__: { m() {} }, m() { return super.m() } }).m', 'read'],
  ['new.target', '(function () { return new.target })', 'read'],
  ['new.target in an arrow', '(function () { return () => new.target })()', 'IRIS1002'],
  [
    'a private method',
    '(() => { let m; class A { #p(x) { return x * 2 } constructor() { m = this.#p } } new A(); return m })()',
    'read',
  ],
  [
    'an arrow with a private name',
    '(() => { let m; class A { #p = 1; constructor() { m = () => this.#p } } new A(); return m })()',
    'read',
  ],
  ['arguments of the function around', '(function () { return () => arguments[0] })(1)', 'read'],
  ['a method with a computed name', '({ ["a" + Math.max(1, 2)](x) { return x } }).a2', 'read'],
  ['a method with a string name that holds braces', '({ "a) { }"(x) { return x } })["a) { }"]', 'read'],
  ['a method named async, get, set or static', '({ async(x) { return x } }).async', 'read'],
  ['octal literals', '(function () { return 010 + 0o10 })', 'read'],
  ['let and yield as names', '(function () { var let_ = 1, yield = 2, await = 3; return yield + await })', 'read'],
  ['a duplicate parameter', '(function (a, a) { return a })', 'read'],
  [
    'a function declared in a block and used outside',
    '(function (x) { { function g() { return 1 } } return g() })',
    'IRIS2001',
  ],
  ['an HTML comment', '(function (x) { return x<!--y\n })', 'IRIS1002'],
]

describe('functions', () => {
  it.each(live)('%s', (_, script, expected) => {
    const fn = runInThisContext(script) as object
    expect(inTime(() => outcomeOf(fn))).toBe(expected)
  })

  it('with 10,000 nested parentheses', () => {
    const fn = runInThisContext(`x => ${'('.repeat(1000)}x${')'.repeat(1000)}`) as object
    expect(['read', 'IRIS1006']).toContain(inTime(() => outcomeOf(fn)))
  })
})

const texts: readonly [name: string, text: string, expected: Outcome][] = [
  ['10 MB', `function f() { return "${'x'.repeat(10_000_000)}" }`, 'IRIS1005'],
  ['10,000 parentheses', `x => ${'('.repeat(10_000)}x${')'.repeat(10_000)}`, 'IRIS1006'],
  ['10,000 brackets, unclosed', `x => ${'['.repeat(10_000)}`, 'IRIS1006'],
  ['10,000 minus signs', `x => ${'- '.repeat(10_000)}x`, 'IRIS1006'],
  ['10,000 terms', `x => x${' + x'.repeat(10_000)}`, 'IRIS1006'],
  ['10,000 arrows', `${'x => '.repeat(10_000)}1`, 'IRIS1006'],
  ['10,000 blocks', `() => ${'{'.repeat(10_000)}${'}'.repeat(10_000)}`, 'IRIS1006'],
  ['nested templates', `x => ${'`${'.repeat(3000)}1${'}`'.repeat(3000)}`, 'IRIS1006'],
  ['5,000 statements in a row', `x => { ${'x += 1;'.repeat(5000)} return x }`, 'read'],
  [
    'nesting with a fault at its end, which tempts the reader of types',
    `(a: number) => ${'(<b>'.repeat(40)}1${')'.repeat(40)} ]`,
    'IRIS1002',
  ],
  [
    'the same, as deep as the reader of types goes',
    `(a: number) => ${'(<b>'.repeat(12)}1${')'.repeat(12)} ]`,
    'IRIS1002',
  ],
  ['nothing', '', 'IRIS1002'],
  ['blank text (sources removed by a packer)', ' '.repeat(100), 'IRIS1002'],
  ['a zero-width space (sources removed by a packer)', '\u200b', 'IRIS1002'],
  ['no function', '1 + 1', 'IRIS1002'],
  ['a call of a function', '(() => 1)()', 'IRIS1002'],
  ['two functions', '() => 1, () => 2', 'IRIS1002'],
  ['two methods', 'a() {}, b() {}', 'IRIS1002'],
  ['an escape from the wrapping', 'a() {} }), ({ b() {}', 'IRIS1002'],
  ['an escape from the class', 'a() {} } class extends null { b() {}', 'IRIS1002'],
  ['a hashbang', '#!/usr/bin/env node\nx => x', 'IRIS1002'],
  ['half a function', 'function f(x) { return x +', 'IRIS1002'],
  ['an unpaired surrogate', 'function f() { return "\ud800" }', 'read'],
  ['a null character', 'function f() { return "\0" }', 'read'],
  ['an unclosed string', 'x => "abc', 'IRIS1002'],
  ['an unclosed regular expression', 'x => /a', 'IRIS1002'],
  ['native code in a string', 'function f() { return "{ [native code] }" }', 'read'],
  ['import.meta', '() => import.meta.url', 'read'],
  ['a dynamic import', '() => import("x")', 'read'],
  ['top-level await', '() => await 1', 'IRIS1002'],
]

describe('texts', () => {
  it.each(texts)('%s', (_, text, expected) => {
    expect(inTime(() => outcomeOfText(text))).toBe(expected)
  })

  it('a fault is shown where it is', () => {
    const text = 'function f(x) { return x + }'
    try {
      parseFunction(text, 4)
      expect.unreachable()
    } catch (error) {
      expect((error as Miss).diagnostic.span).toEqual({ source: 4, start: 27, end: 28 })
    }
  })
})

import { execFileSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { createContext, runInContext, runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { builtPath } from '../../base/files.ts'
import { Dispatcher } from '../../runtime/exec/dispatch.ts'
import { resolveOptions } from '../../runtime/exec/options.ts'
import type { AnyFunction } from '../../runtime/exec/wrapper.ts'
import { newEngine } from './support.ts'

/** What a script that vitest has not touched returns: the kernel, its arguments, and what changes between its calls. */
interface Program {
  readonly f: AnyFunction
  readonly args?: readonly unknown[]
  readonly change?: () => void
}

const program = (text: string): Program => runInThisContext(`(function () { ${text} })()`) as Program

async function warm({ f, args = [3] }: Program): Promise<Dispatcher> {
  const dispatcher = new Dispatcher(f, resolveOptions({ tier: 'simd' }), await newEngine())
  await dispatcher.warmup(undefined, args)
  return dispatcher
}

const outcome = (action: () => unknown): unknown => {
  try {
    return action()
  } catch (error) {
    return (error as Error).name
  }
}

/** Calls as JavaScript and as a kernel, before and after the change; gives how many were served by compiled code. */
async function compare(found: Program): Promise<number> {
  const dispatcher = await warm(found)
  const { kernel } = dispatcher
  const { f, args = [3], change = () => undefined } = found
  for (const when of ['before', 'after']) {
    expect(
      outcome(() => kernel(...args)),
      when,
    ).toBe(outcome(() => f(...args)))
    if (when === 'before') change()
  }
  const { scalar, simd } = dispatcher.stats()
  return scalar + simd
}

describe('the same as the original, also after a change: variables', () => {
  it.each([
    ['written after a full stop', 'let k = 2; const f = x => x * k; return { f, change() { // Now.\nk = 5 } }'],
    ['written in parentheses', 'let k = 2; const f = x => x * k; return { f, change() { ++(k) } }'],
    ['written in a pattern, in parentheses', 'let k = 2; const f = x => x * k; return { f, change() { [(k)] = [5] } }'],
    [
      'a class that is assigned',
      'const g = (function* () { class C { static s = 2 } yield x => x * C.s; C = class { static s = 5 } })(); return { f: g.next().value, change: () => g.next() }',
    ],
    [
      'written by the fields of a class',
      'let k, n = 1; class C { id = (k = ++n) } new C(); return { f: x => x * k, change: () => new C() }',
    ],
    [
      'a parameter written through arguments',
      'function make(k) { return { f: x => x * k, change: () => { arguments[0] = 5 } } } return make(2)',
    ],
    [
      'the same, handed on',
      'function make(k) { const a = arguments; return { f: x => x * k, change: () => { a[0] = 5 } } } return make(2)',
    ],
    ['of a function around eval', "let k = 2; return { f: eval('(x => x * k)'), change: () => { k = 5 } }"],
  ])('%s', async (_, text) => {
    await compare(program(text))
  })

  it('arguments that are only read leave a parameter settled', async () => {
    const text =
      'function make(k) { const n = arguments.length + arguments[0]; return { f: x => x * k + n } } return make(2)'
    expect(await compare(program(text))).toBe(2)
  })

  it('at the top of a classic script, which others write', async () => {
    runInThisContext('let irisShared = 2; const irisKept = 2')
    const change = (): void => void runInThisContext('irisShared = 5')
    const shared = runInThisContext('let irisOwn = 2; x => x * irisShared * irisOwn') as AnyFunction
    expect(await compare({ f: shared, change })).toBe(0)
    const own = runInThisContext('let irisOther = 2; x => x * irisOther') as AnyFunction
    expect(await compare({ f: own, change: () => void runInThisContext('irisOther = 5') })).toBe(0)
    expect(await compare({ f: runInThisContext('const irisMine = 2; x => x * irisMine') as AnyFunction })).toBe(2)
  })

  it('globals of another context', async () => {
    const context = createContext({ isNaN: () => true })
    runInContext('Math.floor = x => -x', context)
    await compare({ f: runInContext('x => isNaN(x) ? 1 : 2', context) as AnyFunction })
    await compare({ f: runInContext('x => Math.floor(x + 0.5)', context) as AnyFunction })
  })

  it('built-ins that were replaced before Iris was loaded', () => {
    const entry = pathToFileURL(builtPath('src/index.js')).href
    const script = `
      Math.abs = x => -x
      Math.ceil = Math.trunc
      const { offload } = await import(${JSON.stringify(entry)})
      const f = x => { let s = 0; for (let i = 0; i < 4; i++) s += Math.abs(x - i) + Math.floor(x) + Math.ceil(x); return s }
      const kernel = offload(f, { tier: 'simd' })
      await kernel.warmup(1.5)
      console.log(JSON.stringify([f(1.5), kernel(1.5), kernel.stats().calls.js]))`
    const args = ['--no-warnings', '--input-type=module', '--eval', script]
    const [wanted, found, js] = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as number[]
    expect([found, js]).toEqual([wanted, 0])
  })
})

describe('the same as the original: what a function is called with', () => {
  const o = 'const o = { s: 2, m(x) { return this.s * x } }, p = { s: 5 }; '
  it.each([
    ['a method', `${o} return { f: x => o.m(x) }`, 2],
    ['a method that was taken off', `${o} return { f: x => { const m = o.m; return m(x) } }`, 0],
    ['a method that was destructured', `${o} return { f: x => { const { m } = o; return m(x) } }`, 0],
    ['a method for another object', `${o} return { f: x => o.m.call(p, x) + o.m.apply(p, [x]) }`, 2],
    ['a method of a literal', `${o} return { f: x => { const q = { s: 7, m: o.m }; return q.m(x) } }`, 2],
    ['a method as a callback', `${o} return { f: x => [x, 1].map(o.m)[0] }`, 0],
    [
      '`this` without an object',
      'const h = function () { return this === undefined ? 1 : 2 }; return { f: x => x + h() }',
      0,
    ],
    [
      '`this` that is a number',
      'const h = function () { return this === 5 ? 1 : 2 }; return { f: x => x + h.call(5) }',
      0,
    ],
    [
      'a function with fields, handed on',
      'const g = Object.assign(x => x + 1, { k: 3 }), use = (h, x) => { let s = 0; for (let i = 0; i < 9; i++) s += h(x) * h.k; return s }; return { f: x => use(g, x) + 1, change() { g.k = 4 } }',
      2,
    ],
  ])('%s', async (_, text, compiled) => {
    expect(await compare(program(text))).toBe(compiled)
  })
})

describe('the same as the original: names within it', () => {
  it.each([
    ['assigned before the declaration', 'return { f: x => { if (x) y = 2; let y = 4; y += x; return y } }'],
    [
      'assigned in another case',
      'return { f: x => { switch (x) { case 0: let y = 1; return y; case 3: y = 2; return y } } }',
    ],
    [
      'assigned by a closure before the declaration',
      'return { f: x => { const set = () => { y = 3 }; if (x) set(); let y = 4; y += x; return y } }',
    ],
    [
      'assigned by a pattern before the declaration',
      'return { f: x => { if (x) [y] = [2]; let y = 4; y += x; return y } }',
    ],
    [
      'assigned before the declaration of a later round',
      'return { f: n => { let s = 0; for (let i = 0; i < n; i++) { if (i > 1) y = 3; let y = 4; s += y } return s } }',
    ],
    [
      'the own name of an expression',
      'return { f: x => { const g = function h(a) { h = 3; return typeof h === "function" ? a : -a }; return g(x) } }',
    ],
    [
      'what every object inherits',
      'return { f: x => { const o = { a: x }; return (o.toString ? 1 : 2) + (o.__proto__ === undefined ? 4 : 8) } }',
    ],
    ['the same, destructured', 'return { f: x => { const { valueOf = 5 } = { a: x }; return valueOf === 5 ? 1 : 2 } }'],
    [
      'another prototype',
      'const p = { k: 4 }; return { f: x => { const o = { a: x }; o.__proto__ = p; return o.k === undefined ? 1 : 2 } }',
    ],
    ['`var arguments`', 'return { f: function (x) { var arguments; return arguments === undefined ? x : -x } }'],
    [
      'a function that has the name of a helper of tools',
      'const __read = (a, n) => [a[n], 0, 0]; return { f: a => { const v = __read(a, 1); return v[0] }, args: [[1, 2, 3]] }',
    ],
  ])('%s', async (_, text) => {
    await compare(program(text))
  })
})

import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { builtPath } from '../../base/files.ts'
import type { SourceGraph, ValueShape } from '../../compiler/abi.ts'
import { registerBuiltin, registerOriginal } from '../../compiler/source/builtins.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { isDeclaredOnceAndOnlyRead } from '../../compiler/source/settled.ts'

/** Runs a script that vitest has not touched; it returns the functions to look at. */
const run = (text: string): Record<string, object> =>
  runInThisContext(`(() => { ${text} })()`) as Record<string, object>

function freeOf(text: string, name = 'f'): Record<string, ValueShape> {
  return captureGraph(run(text)[name]!).graph.functions[0]!.free
}

const reassigned = { k: 'opaque', code: 'IRIS1008' }

describe('variables that keep their values', () => {
  it.each([
    ['const', 'const k = 3; return { f: x => x * k }'],
    ['let', 'let k = 3; return { f: x => x * k }'],
    ['var', 'var k = 3; return { f: x => x * k }'],
    ['one of several in a declaration', 'const a = 1, k = 3, b = 2; return { f: x => x * k }'],
    ['parameter', 'const make = k => ({ f: x => x * k }); return make(3)'],
    ['assigned once after its declaration', 'let k; k = 3; return { f: x => x * k }'],
    ['destructured', 'const { k } = { k: 3 }; return { f: x => x * k }'],
    ['another variable of that name is written', 'const k = 3; { let k = 1; k++ } return { f: x => x * k }'],
    [
      'new in each turn of a loop',
      'let f; for (let i = 3; i < 4; i += 1) { const k = i; f = x => x * k } return { f }',
    ],
    ['catch parameter', 'try { throw 3 } catch (k) { return { f: x => x * k } }'],
    ['written before the arrow exists', 'const make = k => { k = +k; return { f: x => x * k } }; return make("3")'],
    [
      'written in branches before the arrow exists',
      'let k; if (Math.max(0, 1)) k = 3; else k = 4; return { f: x => x * k }',
    ],
    [
      'written before a declared function is named',
      'const make = k => { k = +k; function f(x) { return x * k } return { f } }; return make("3")',
    ],
    [
      'written before the function around it exists',
      'let k = 1; k = 3; const make = () => ({ f: x => x * k }); return make()',
    ],
    ['compared and passed on', 'const k = 3; Math.max(k); if (k == 3 || k >= 4 || [k][0]) return { f: x => x * k }'],
  ])('%s', (_, text) => {
    expect(freeOf(text)).toEqual({ k: { k: 'number', value: 3 } })
  })

  it.each([
    ['let', 'let k = 3; const f = x => x * k; k = 4; return { f }'],
    ['in another function', 'let k = 3; return { f: x => x * k, set: v => { k = v } }'],
    ['by ++', 'let k = 3; const f = x => x * k; k++; return { f }'],
    ['by -- before', 'let k = 3; const f = x => x * k; --k; return { f }'],
    ['by +=', 'let k = 3; const f = x => x * k; k += 1; return { f }'],
    ['by >>>=', 'let k = 3; const f = x => x * k; k >>>= 1; return { f }'],
    ['by ??=', 'let k = 3; const f = x => x * k; k ??= 1; return { f }'],
    ['by array destructuring', 'let k = 3; const f = x => x * k; [k] = [4]; return { f }'],
    ['by object destructuring', 'let k = 3; const f = x => x * k; ({ a: [k] } = { a: [4] }); return { f }'],
    ['by shorthand destructuring with a default', 'let k = 3; const f = x => x * k; ({ k = 5 } = {}); return { f }'],
    ['by a rest pattern', 'let k = 3; const f = x => x * k; [...k] = [4]; return { f }'],
    ['by for-of', 'let k = 3; const f = x => x * k; for (k of [4]); return { f }'],
    ['by for-in', 'let k = 3; const f = x => x * k; for (k in { a: 1 }); return { f }'],
    ['by the kernel itself', 'let k = 3; return { f: x => k = x }'],
    ['after the arrow', 'let k = 3; const f = x => x * k; k = 4; return { f }'],
    ['in the statement that makes the arrow', 'let f; let k = 3; k = (f = x => x * k, 4); return { f }'],
    [
      'after a declared function was named',
      'const make = k => { const g = f; k = +k; function f(x) { return x * k } return { f } }; return make(3)',
    ],
    [
      'after a function that calls it was named',
      'const make = k => { g(); k = +k; function g() { f(1) } function f(x) { return x * k } return { f } }; return make(3)',
    ],
    ['in a loop before the arrow', 'let k = 3; while (k < 4) k++; return { f: x => x * k }'],
    ['by another function before the arrow', 'let k = 3; const set = () => { k = 4 }; return { f: x => x * k, set }'],
    ['a parameter', 'const make = k => ({ f: x => x * k, g: () => { k = 1 } }); return make(3)'],
    ['a counter of a loop', 'let f; for (let k = 0; k < 3; k++) f = x => x * k; return { f }'],
    ['a var in a loop', 'let f; for (let i = 0; i < 2; i++) { var k = i; f = x => x * k } return { f }'],
    ['a function', 'function k(x) { return x } const f = x => k(x); k = x => x + 1; return { f }'],
    ['a table', 'let k = [1]; const set = v => { k = v }; return { f: x => k[x], set }'],
    ['twice, though declared without a value', 'let k; const f = x => x * k; k = 3; k = 4; return { f }'],
    [
      'later by a function, though declared without a value',
      'let k; const set = () => { k = 3 }; set(); return { f: x => x * k, set }',
    ],
    ['parenthesised', 'let k = 3; const f = x => x * k; (k) = 4; return { f }'],
    ['with an escaped name', 'let k = 3; const f = x => x * k; \\u006b = 4; return { f }'],
  ])('are not those reassigned: %s', (_, text) => {
    expect(freeOf(text).k).toMatchObject(reassigned)
  })

  it('are not proven where eval may write', () => {
    expect(freeOf("let k = 3; eval('k = 4'); return { f: x => x * k }").k).toMatchObject({
      k: 'opaque',
      code: 'IRIS1007',
    })
    expect(freeOf("const k = 3; eval(''); return { f: x => x * k }").k).toEqual({ k: 'number', value: 3 })
  })

  it('are not those that are still uninitialised', () => {
    const later = run(
      'const read = capture => { const graph = capture(x => x * k + v); const k = 3; var v = 4; return graph }; return { read }',
    )
    const read = later.read as (capture: (f: object) => SourceGraph) => SourceGraph
    const { free } = read(f => captureGraph(f).graph).functions[0]!
    expect(free).toMatchObject({ k: { k: 'opaque', code: 'IRIS1007' }, v: { k: 'opaque', code: 'IRIS1007' } })
  })

  it('undefined for ever is undefined', () => {
    expect(freeOf('let k; const make = p => ({ f: () => k === p }); return make()')).toEqual({
      k: { k: 'undefined' },
      p: { k: 'undefined' },
    })
  })
})

describe('the proof without parsing', () => {
  it.each([
    ['const k = 1; f(k, [k], { k })', true],
    ['let k = 1\nuse(o.k = 2)', true],
    ['let k = 1; k = 2', false],
    ['let k = 1; [a, k] = b', false],
    ['let k = 1; [a, [k]] = b', false],
    ['let k = 1; ({ a: { k } } = b)', false],
    ['let k = 1; for (const x of [k]) g(x)', true],
    ['let k = 1; for ({ k } of b);', false],
    ['let k = 1; k\n++\nj', false],
    ['let k = 1, j = 2; let k2 = k', true],
    ['var k = 1', false],
    ["import { k } from './a.js'; const f = () => { const k = 2 }", false],
    ['const k = 1; function g(k) {}', true],
    ["const k = 1; [k, ')'] = a", false],
    ['const $k = 1; $k(1)', false],
    ['let k = 1; k /* a */ = 2', false],
    ['let k = 1; k // a\n = 2', false],
    ['let k = 1; ++ /* a */ k', false],
    ['let k = 1; ++ // a\n k', false],
    ['let k = 1; for (k /* a */ of b);', false],
    ['let k = 1; [...k] = a', false],
    ['let k = 1; a.k = 2; a?.k; ({ k: 1 }).k++', true],
  ])('%s → %s', (text, expected) => {
    expect(isDeclaredOnceAndOnlyRead(text, 'k')).toBe(expected)
  })
})

describe('what is captured', () => {
  it('the same name has its own value in each helper', () => {
    const { functions } = captureGraph(
      run('const a = (k => x => x + k)(1), b = (k => x => x * k)(2); return { f: x => a(x) + b(x) }').f!,
    ).graph
    expect(functions.slice(1).map(fn => fn.free)).toEqual([
      { k: { k: 'number', value: 1 } },
      { k: { k: 'number', value: 2 } },
    ])
  })

  it('views of one buffer are a group, equal views one array', () => {
    const { free } = captureGraph(
      run(
        'const a = new Float64Array(4), b = new Uint32Array(a.buffer), c = new Float64Array(a.buffer), d = new Float64Array(4); return { f: () => a[0] + b[0] + c[0] + d[0] }',
      ).f!,
    ).graph.functions[0]!
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => free[name] as ValueShape & { k: 'typed' })
    expect(b!.group).toBe(a!.group)
    expect(c!.id).toBe(a!.id)
    expect(b!.id).not.toBe(a!.id)
    expect(d!.group).not.toBe(a!.group)
  })

  it('disjoint parts of one buffer are no group, until a third view joins them', () => {
    const a = new Float64Array(8)
    const f = (x: Float64Array, y: Float64Array, z?: Float64Array): number => x[0]! + y[0]! + (z ? z[0]! : 0)
    const groups = (...views: Float64Array[]): number[] =>
      captureGraph(f)
        .describeCall(views)
        .profile.args.map(shape => (shape as ValueShape & { k: 'typed' }).group)
    expect(groups(a.subarray(0, 2), a.subarray(4, 6))).toEqual([0, 1])
    expect(groups(a.subarray(0, 2), a.subarray(4, 6), a)).toEqual([0, 0, 0])
  })

  it('an argument that overlaps a captured array is in its group', () => {
    const table = new Float64Array(4)
    const f = (x: Float64Array): number => x[0]! + table[0]!
    const { graph, profile } = captureGraph(f).describeCall([table.subarray(1)])
    expect((graph.functions[0]!.free.table as ValueShape & { k: 'typed' }).group).toBe(
      (profile.args[0] as ValueShape & { k: 'typed' }).group,
    )
  })

  it('built-ins and their aliases are known by identity', () => {
    expect(
      freeOf(
        'const { floor } = Math, pow = Math.pow; return { f: x => floor(pow(x, 2)) + isNaN(x) + Number.isInteger(x) }',
      ),
    ).toMatchObject({
      floor: { k: 'builtin', name: 'Math.floor' },
      pow: { k: 'builtin', name: 'Math.pow' },
      isNaN: { k: 'builtin', name: 'isNaN' },
      Number: { k: 'builtin', name: 'Number' },
    })
  })

  it('a replaced built-in is not the built-in, and an added one is a function', () => {
    const added = Math as unknown as Record<string, unknown>
    const { imul } = Math
    try {
      Math.imul = (a, b) => a * b
      added.twice = (x: number): number => x * 2
      const { free } = captureGraph(run('return { f: x => Math.imul(x, 3) + Math.twice(x) + Math.sin(x) }').f!).graph
        .functions[0]!
      expect(free.Math).toMatchObject({
        k: 'builtin',
        fields: { imul: { k: 'opaque', code: 'IRIS2007' }, twice: { k: 'function', index: 1 } },
      })
    } finally {
      Math.imul = imul
      delete added.twice
    }
  })

  it('registered functions are built-ins, and kernels stand for their originals', () => {
    const fixtures = run(
      'const range = n => n, original = x => x + 1, kernel = (...a) => original(...a); return { range, original, kernel, f: x => range(x) + kernel(x) }',
    )
    registerBuiltin('test.range', fixtures.range!)
    registerOriginal(fixtures.kernel!, fixtures.original!)
    const { graph, values } = captureGraph(fixtures.f!)
    expect(graph.functions[0]!.free).toEqual({
      range: { k: 'builtin', name: 'test.range' },
      kernel: { k: 'function', index: 1 },
    })
    expect(graph.functions[1]!.text).toBe('x => x + 1')
    expect(values.functions[1]).toBe(fixtures.kernel)
  })

  it('a named function expression is itself, whatever the outer variable holds', () => {
    const fixtures = run(
      'let g = function fact(n) { return n < 2 ? 1 : n * fact(n - 1) }; const fact = 5; return { f: g }',
    )
    expect(captureGraph(fixtures.f!).graph.functions[0]!.free).toEqual({ fact: { k: 'function', index: 0 } })
  })

  it('a declared function is what its variable holds', () => {
    expect(
      freeOf('function f(n) { return n < 2 ? 1 : n * f(n - 1) } const old = f; f = x => 7; return { f: old }').f,
    ).toMatchObject(reassigned)
  })

  it('objects show the properties that the program mentions, methods of classes included', () => {
    const fixtures = run(`
      class Vector { constructor() { this.x = 1; this.hidden = 2 } norm() { return this.x * scale } get bad() { return 1 } }
      const scale = 3
      return { f: v => v.norm() + v.bad, v: new Vector() }`)
    const { graph, profile } = captureGraph(fixtures.f!).describeCall([fixtures.v])
    expect(profile.args[0]).toMatchObject({
      k: 'object',
      fields: { x: { k: 'number' }, norm: { k: 'function', index: 1 }, bad: { k: 'opaque', code: 'IRIS4005' } },
      inherited: ['norm', 'bad'],
    })
    expect(graph.functions[1]!.free).toEqual({ scale: { k: 'number', value: 3 } })
  })

  it('lists tell what they hold', () => {
    const f = (...lists: unknown[]): unknown => lists[0]
    const shapes = captureGraph(f).describeCall([
      [1, 2],
      [],
      [1, undefined],
      [[1], [2]],
      [1, 'a'],
      [new Float32Array(1)],
      new Array(2),
    ]).profile.args
    expect(
      shapes.map(shape =>
        JSON.stringify(shape, (key, value: unknown) => (key === 'id' || key === 'group' ? undefined : value)),
      ),
    ).toEqual([
      '{"k":"list","element":{"k":"number"}}',
      '{"k":"list"}',
      '{"k":"list","element":{"k":"number"},"mixed":true}',
      '{"k":"list","element":{"k":"list","element":{"k":"number"}}}',
      '{"k":"list","element":{"k":"opaque","what":"now number, now string"}}',
      '{"k":"list","element":{"k":"typed","elem":"f32"}}',
      '{"k":"opaque","what":"an array with holes or accessors","code":"IRIS4007"}',
    ])
  })

  it('captures given by the user are taken as they are', () => {
    const { functions } = captureGraph(run('let k = 3; k = 4; return { f: x => x * k }').f!, {
      captures: { k: 7 },
    }).graph
    expect(functions[0]!.free).toEqual({ k: { k: 'number', value: 7 } })
  })

  it('the live values are at hand by function and name', () => {
    const fixtures = run(
      'const t = new Float64Array(2), h = x => x * t[0]; return { t, h, f: x => h(x) + t[1] + Math.PI }',
    )
    const { values } = captureGraph(fixtures.f!)
    expect(values.functions).toEqual([fixtures.f, fixtures.h])
    expect(values.free[1]!.get('t')).toEqual({ value: fixtures.t })
    expect(values.free[0]!.get('Math')).toEqual({ value: Math, global: true })
  })

  it('no user code runs, and nothing stays behind on globalThis', () => {
    const before = Reflect.ownKeys(globalThis).length
    const fixtures = run(`
      let calls = 0
      const o = { get x() { calls++; return 1 } }, p = new Proxy({}, { get() { calls++; return 1 }, getOwnPropertyDescriptor() { calls++ } })
      return { f: () => o.x + p.x, calls: () => calls }`)
    captureGraph(fixtures.f!)
    expect((fixtures.calls as () => number)()).toBe(0)
    expect(Reflect.ownKeys(globalThis)).toHaveLength(before)
  })

  it('functions of Node are not followed', () => {
    const { graph } = captureGraph(createRequire(import.meta.url)('../fixtures/source/requires-node.cjs') as object)
    expect(graph.functions).toHaveLength(1)
    expect(graph.functions[0]!.free.path).toMatchObject({ fields: { join: { k: 'opaque', code: 'IRIS2004' } } })
  })
})

describe('without the inspector', () => {
  const [major] = process.versions.node.split('.').map(Number) as [number]
  const flag = major >= 23 ? '--permission' : '--experimental-permission'
  const script = `
    import { captureGraph } from ${JSON.stringify(pathToFileURL(builtPath('compiler/source/in-process.js')).href)}
    const k = 3
    const f = x => x * k + Math.sin(x)
    console.log(JSON.stringify([captureGraph(f), captureGraph(f, { captures: { k } })].map(c => c.graph.functions[0].free)))`

  it('the permission model leaves captures, and else names the reason', () => {
    const args = [flag, '--allow-fs-read=*', '--no-warnings', '--input-type=module', '--eval', script]
    const [bare, given] = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<
      string,
      ValueShape
    >[]
    expect(bare!.k).toEqual({ k: 'opaque', what: 'the permission model forbids the inspector', code: 'IRIS1007' })
    expect(bare!.Math).toEqual({ k: 'builtin', name: 'Math' })
    expect(given!.k).toEqual({ k: 'number', value: 3 })
  })

  it('a debugger in the process does no harm', () => {
    const attached = `import inspector from 'node:inspector'\nconst s = new inspector.Session(); s.connect(); s.post('Debugger.enable')\n${script}`
    const args = ['--no-warnings', '--inspect=0', '--input-type=module', '--eval', attached]
    const [bare] = JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as Record<string, ValueShape>[]
    expect(bare!.k).toEqual({ k: 'number', value: 3 })
  })
})

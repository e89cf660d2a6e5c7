import { describe, expect, test } from 'vitest'
import { ignore, world } from './world.ts'

const code = (name: string) => expect.objectContaining({ code: name })

describe('names', () => {
  test('register, whereis, resolve, unregister', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message))
    runtime.register('auth', pid)
    expect([runtime.whereis('auth'), runtime.resolve('auth'), runtime.whereis('other')]).toEqual([pid, pid, null])
    expect(runtime.sendNamed('auth', 'hi')).toBe(true)
    await settle()
    expect(got).toEqual(['hi'])
    expect(runtime.unregister('auth')).toBe(true)
    expect(runtime.unregister('auth')).toBe(false)
    expect(runtime.whereis('auth')).toBeNull()
  })

  test('a taken name throws, and so does a second name for one pid', () => {
    const { runtime } = world()
    const [a, b] = [runtime.spawn(ignore), runtime.spawn(ignore)]
    runtime.register('a', a)
    expect(() => runtime.register('a', b)).toThrow(code('IRIS6007'))
    expect(() => runtime.register('b', a)).toThrow(code('IRIS6008'))
    runtime.unregister('a')
    runtime.register('b', a)
  })

  test.each(['__proto__', 'constructor', 'toString', 'ключ', '\u0000'])('any name works: %j', name => {
    const { runtime } = world()
    expect(runtime.whereis(name)).toBeNull()
    const pid = runtime.spawn(ignore, { name })
    expect(runtime.whereis(name)).toBe(pid)
  })

  test('names of 1 to 1,024 bytes; 10 MB are refused at once', () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore)
    for (const name of ['', 'x'.repeat(1025), 'é'.repeat(513), 'x'.repeat(10_000_000), 7 as unknown as string]) {
      expect(() => runtime.register(name, pid)).toThrow(code('IRIS6009'))
    }
    runtime.register('é'.repeat(512), pid)
  })

  test('a spawn whose name is taken leaves no actor behind', () => {
    const { runtime } = world()
    runtime.spawn(ignore, { name: 'only' })
    expect(() => runtime.spawn(ignore, { name: 'only' })).toThrow(code('IRIS6007'))
    expect(runtime.getMetrics().actors).toBe(1)
  })

  test('a dead pid cannot be registered', () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore)
    runtime.kill(pid)
    expect(() => runtime.register('late', pid)).toThrow(code('IRIS6002'))
  })
})

describe('paths', () => {
  test('prefixes are whole segments: /svc/a never matches /svc/ab', () => {
    const { runtime } = world()
    const spawn = (path: string) => runtime.spawn(ignore, { path })
    const [a, ab, ax] = [spawn('/svc/a'), spawn('/svc/ab'), spawn('/svc/a/x')]
    expect(runtime.listChildren('/svc/a')).toEqual([['/svc/a/x', ax]])
    expect(runtime.listChildren('/svc')).toEqual([
      ['/svc/a', a],
      ['/svc/a/x', ax],
      ['/svc/ab', ab],
    ])
    expect(runtime.listChildrenDirect('/svc')).toEqual([
      ['/svc/a', a],
      ['/svc/ab', ab],
    ])
    expect(runtime.listChildren('/')).toHaveLength(3)
    expect(runtime.whereisPath('/svc')).toBeNull()
    expect(runtime.whereisPath('/svc/a')).toBe(a)
  })

  test('a path is free when its actor exits, and prunes its branch', () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore, { path: '/a/b/c' })
    expect(() => runtime.registerPath('/a/b/c', runtime.spawn(ignore))).toThrow(code('IRIS6007'))
    runtime.kill(pid)
    expect(runtime.listChildren('/')).toEqual([])
    const next = runtime.spawn(ignore, { path: '/a/b/c' })
    expect(runtime.unregisterPath('/a/b/c')).toBe(true)
    expect(runtime.unregisterPath('/a/b/c')).toBe(false)
    runtime.kill(next)
  })

  test.each(['', 'svc', '/svc/', '//', '/a//b', '/'])('the path %j is refused', path => {
    const { runtime } = world()
    expect(() => runtime.registerPath(path, runtime.spawn(ignore))).toThrow(code('IRIS6009'))
  })
})

import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { builtFile } from '../../base/files.ts'
import { offloadOf } from '../../src/offload.ts'
import { kernelExecutor, poolOf } from '../../src/pool.ts'
import { newEngine } from '../exec/support.ts'

const engine = await newEngine()
const offload = offloadOf(engine)
const { run: execute } = kernelExecutor

const total = (x: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]!
  return sum
}
const fillWith = (x: Float64Array, value: number): void => {
  for (let i = 0; i < x.length; i++) x[i] = value
}
const iterate = (x: number, n: number): number => {
  for (let i = 0; i < n; i++) x = x * 3.7 * (1 - x)
  return x
}

describe('run()', () => {
  it('runs compiled code on a thread, from the first call on', async () => {
    const kernel = offload(total, { onMiss: 'throw' })
    expect(await kernel.run([Float64Array.of(1, 2, 3)])).toBe(6)
    expect(await kernel.run([Float64Array.of(1, 2)])).toBe(3)
    const { js, ...compiled } = kernel.stats().calls
    expect(js).toBe(0)
    expect(Object.values(compiled).reduce((a, b) => a + b)).toBe(2)
  })

  it('writes arrays back, in kernel memory and outside', async () => {
    const kernel = offload(fillWith)
    const [own, ordinary] = [engine.views.alloc(Float64Array, 5), new Float64Array(5)]
    await Promise.all([kernel.run([own, 7]), kernel.run([ordinary, 8])])
    expect([...own]).toEqual([7, 7, 7, 7, 7])
    expect([...ordinary]).toEqual([8, 8, 8, 8, 8])
  })

  it('takes kinds of arguments that it has not met, and elementwise calls', async () => {
    const kernel = offload((x: number, y: number) => x * y + 1)
    expect(await kernel.run([2, 3])).toBe(7)
    expect(await kernel.run([Float64Array.of(1, 2), 10])).toEqual(Float64Array.of(11, 21))
    expect(await kernel.run([Float64Array.of(1, 2), Float64Array.of(5, 6)])).toEqual(Float64Array.of(6, 13))
  })

  it('runs on this thread what does not compile', async () => {
    const kernel = offload((text: string) => text.toUpperCase())
    expect(await kernel.run(['a'])).toBe('A')
    expect(kernel.stats().calls.js).toBe(1)
  })

  it('rejects with what the kernel throws, and runs the original where compiled code leaves', async () => {
    const kernel = offload((x: Float64Array, limit: number) => {
      for (let i = 0; i < x.length; i++) {
        if (x[i]! > limit) throw new RangeError(`too large at ${i}`)
        x[i] = 0
      }
      return x.length
    })
    expect(await kernel.run([Float64Array.of(1, 2), 5])).toBe(2)
    const x = Float64Array.of(1, 9)
    await expect(kernel.run([x, 5])).rejects.toThrow('too large at 1')
    expect([...x]).toEqual([0, 9])
  })

  it('keeps copied arrays as they were when it is stopped', async () => {
    const kernel = offload((x: Float64Array, n: number) => {
      for (let k = 0; k < n; k++) for (let i = 0; i < x.length; i++) x[i] = x[i]! + 1
      return x[0]
    })
    await kernel.run([new Float64Array(4), 1])
    const x = new Float64Array(64)
    await expect(kernel.run([x, 2e9], { timeoutMs: 40 })).rejects.toMatchObject({ code: 'IRIS5007' })
    expect(x.every(value => value === 0)).toBe(true)
  })

  it('observes signal and deadline while the first call compiles, too', async () => {
    const reason = new Error('enough')
    const kernel = offload((x: number) => x + 1.25)
    await expect(kernel.run([1], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(kernel.run([1], { timeoutMs: 0 })).rejects.toMatchObject({ code: 'IRIS5006' })
    await expect(kernel.run([1], { priority: Number.NaN })).rejects.toMatchObject({ code: 'IRIS5002' })
    expect(await kernel.run([1])).toBe(2.25)
  })

  it("is what strategy: 'actor' does, and what the offload pools of actors take", async () => {
    const kernel = offload(iterate, { strategy: 'actor' })
    expect(await kernel(0.5, 1000)).toBe(iterate(0.5, 1000))
    const plain = offload(iterate)
    expect(await execute(plain, [0.5, 10])).toBe(iterate(0.5, 10))
    expect(await execute(iterate, [0.5, 10])).toBe(iterate(0.5, 10))
  })

  it('takes another pool after close()', async () => {
    const mine = poolOf(await newEngine())
    mine.configure({ threads: 1, capacity: 10, overflow: 'dropnew' })
    const first = await mine.load()
    await first.close()
    mine.configure({ threads: 1 })
    expect(await mine.load()).not.toBe(first)
    expect(() => mine.configure({ threads: 0 })).toThrow(/IRIS5002/)
    expect(() => mine.configure({ overflow: 'drop' as never })).toThrow(/IRIS5002/)
  })
})

describe('a process', () => {
  const index = JSON.stringify(builtFile('src/index.js').href)
  const processOf = (code: string, ...flags: string[]) =>
    spawnSync(process.execPath, [...flags, '--input-type=module', '-e', `import { offload } from ${index}\n${code}`], {
      encoding: 'utf8',
      timeout: 50_000,
    })

  it('stays for calls that run, and ends when the pool is idle', () => {
    const code = `const f = offload((x, n) => { for (let i = 0; i < n; i++) x = x * 3.7 * (1 - x); return x })
f.run([0.5, 1e7]).then(() => f.run([0.5, 1e7])).then(x => console.log(typeof x))`
    const { status, stdout, signal } = processOf(code)
    expect({ status, stdout, signal }).toEqual({ status: 0, stdout: 'number\n', signal: null })
  })

  it('runs on its own thread where others are not allowed', () => {
    const code = `const f = offload((x, n) => { for (let i = 0; i < n; i++) x += i; return x })
console.log(await f.run([1, 3]), await f.run([2, 3]))`
    const { stdout } = processOf(code, '--experimental-permission', '--allow-fs-read=*', '--no-warnings')
    expect(stdout).toBe('4 5\n')
  })

  it('does not load the parser or the compiler on the threads of the pool', () => {
    const code = `import { readFileSync } from 'node:fs'
const seen = new Set()
const visit = url => {
  if (seen.has(url.href)) return
  seen.add(url.href)
  for (const [, from] of readFileSync(url, 'utf8').matchAll(/^import .*from '([^']+)'/gm))
    if (from.startsWith('.')) visit(new URL(from, url)); else seen.add(from)
}
visit(new URL('../runtime/exec/pool/worker.js', ${index}))
console.log([...seen].filter(name => /acorn|binaryen|piscina|compile\\.js|parse\\.js|program|passes/.test(name)).join())`
    expect(processOf(code).stdout).toBe('\n')
  })
})

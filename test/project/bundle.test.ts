import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from './sources.ts'

const execute = promisify(execFile)
/** A project that has the package installed. */
const folder = mkdtempSync(join(tmpdir(), 'iris-bundle-'))
mkdirSync(join(folder, 'node_modules'))
symlinkSync(root, join(folder, 'node_modules', 'iris-fabric'), 'junction')
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 }))

async function run(name: string, program: string): Promise<string> {
  const file = join(folder, name)
  writeFileSync(file, program)
  const { stdout } = await execute(process.execPath, [file], { cwd: folder })
  return stdout.trim()
}

const KERNELS = `
import { jit, offload } from 'iris-fabric'
const third = x => x / 3
const scaled = offload((x, out) => { for (let i = 0; i < x.length; i++) out[i] = third(x[i]) })
const x = Float64Array.from({ length: 1000 }, (_, i) => i)
const out = new Float64Array(1000)
`

describe('the package as it is shipped', () => {
  it('compiles, explains, and starts warm the next time', async () => {
    const program = `${KERNELS}
      let hits = 0
      jit.on('cache hit', () => hits++)
      await scaled.warmup(x, out)
      scaled(x, out)
      const { profiles, source } = scaled.explain({ ir: true })
      console.log(out[7] === 7 / 3, profiles[0].status, source.line, profiles[0].ir.includes('func'), hits)`
    expect(await run('compile.mjs', program)).toBe('true ready 4 true 0')
    expect(await run('compile.mjs', program)).toBe('true ready 4 true 1')
  })

  it('runs on the threads of the pool, alone and together', async () => {
    const program = `${KERNELS}
      await scaled.run([x, out])
      const sum = offload(n => { let s = 0; for (let i = 0; i < n; i++) s += i & 7; return s }, { parallel: 2, tier: 'parallel' })
      await sum.warmup(1e6)
      console.log(out[7] === 7 / 3, sum(1e6), sum.stats().calls.parallel)`
    expect(await run('pool.mjs', program)).toBe('true 3500000 1')
  })

  it('has the kernel library, and actors, also on other threads', async () => {
    writeFileSync(join(folder, 'worker.mjs'), 'export default n => n + 1')
    const program = `
      import { Runtime } from 'iris-fabric/actors'
      import { Runtime as Same } from 'iris-fabric'
      import { kernels } from 'iris-fabric/kernels'
      const [x, y] = [Float64Array.of(1, 2), Float64Array.of(3, 4)]
      const runtime = new Runtime()
      const pid = runtime.spawn(new URL('./worker.mjs', import.meta.url))
      console.log(kernels.sum(x), await kernels.async.dot(x, y), await runtime.call(pid, 41), new Same() instanceof Runtime)
      process.exit(0)`
    expect(await run('library.mjs', program)).toBe('3 11 42 true')
  })

  it('links functions of the kernel library into kernels', async () => {
    const program = `
      import { offload } from 'iris-fabric'
      import { kernels } from 'iris-fabric/kernels'
      const length = offload((x, y) => Math.sqrt(kernels.dot(x, y)), { onMiss: 'throw' })
      const x = Float64Array.of(3, 4)
      await length.warmup(x, x)
      console.log(length(x, x), length.stats().calls.js)`
    expect(await run('linked.mjs', program)).toBe('5 0')
  })

  it('loads the kernel library without what only offload() needs', () => {
    const loaded = new Set([join(root, 'lib/src/kernels/index.js')])
    for (const file of loaded)
      for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^import .*?"(\..*?)";$/gm))
        loaded.add(join(dirname(file), from))
    expect(loaded.size).toBeGreaterThan(1)
    const bytes = [...loaded].reduce((sum, file) => sum + statSync(file).size, 0)
    expect(bytes).toBeLessThan(130_000)
    expect([...loaded].filter(file => file.endsWith('root.js'))).toEqual([])
  })

  it('explains what was never called', async () => {
    const program = `import { offload } from 'iris-fabric'
      console.log(offload(a => a * 2).explain().source.line, offload(a => a * 2)(Float64Array.of(3))[0])`
    expect(await run('explain.mjs', program)).toBe('2 6')
  })

  it('has a command line', async () => {
    const { stdout } = await execute(process.execPath, [join(root, 'lib/src/cli/main.js'), 'doctor'])
    expect(stdout).toContain('inspector')
  })
})

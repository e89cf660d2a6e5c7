import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { builtPath } from '../../base/files.ts'

const execute = promisify(execFile)

/** Runs a module text in a Node process of its own, on the built package. */
async function run(text: string, flags: readonly string[] = []): Promise<string> {
  const env = { ...process.env, IRIS_CACHE: 'off' } // what an earlier run has left would change the events
  const program = text.replace('IRIS', JSON.stringify(`file://${builtPath('src/index.js')}`))
  const { stdout } = await execute(process.execPath, [...flags, '--input-type=module', '--eval', program], {
    env,
  })
  return stdout.trim()
}

const TOTAL =
  'const total = offload(xs => { let sum = 0; for (let i = 0; i < xs.length; i++) sum += xs[i]; return sum })'

describe('a process', () => {
  it('decorates, compiles in a thread, and ends by itself', async () => {
    const { stdout } = await execute(process.execPath, [builtPath('test/surface/decorated.js')])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'total', profiles: [{ status: 'ready' }] })
  })

  it('becomes compiled without anybody waiting for it', async () => {
    const text = `import { jit, offload } from IRIS; ${TOTAL}
      const done = new Promise(resolve => jit.on('compile', resolve))
      const timer = setInterval(() => total(Float64Array.of(1, 2)), 1)
      await done
      clearInterval(timer)
      console.log(total(Float64Array.of(1, 2)), total.stats().calls.scalar)`
    expect(await run(text)).toBe('3 1')
  })

  it('is not held open by a compiler at work', async () => {
    const text = `import { offload } from IRIS; ${TOTAL}
      total(Float64Array.of(1)); setImmediate(() => total(Float64Array.of(1)))`
    expect(await run(text)).toBe('')
  })

  it('gives arrays for scalar parameters their meaning in the first call', async () => {
    const text = `import { offload } from IRIS
      const wave = offload((x, y) => x * y + 1)
      console.log(...wave(Float64Array.of(1, 2), 3))`
    expect(await run(text)).toBe('4 7')
  })

  it('needs no code generation from strings', async () => {
    const text = `import { offload } from IRIS; ${TOTAL}
      await total.warmup(new Float64Array(1))
      console.log(total(Float64Array.of(1, 2)), total.stats().calls.scalar)`
    expect(await run(text, ['--disallow-code-generation-from-strings'])).toBe('3 1')
  })

  it('without WebAssembly runs as JavaScript, and tells why', async () => {
    const text = `import { alloc, offload } from IRIS; ${TOTAL}
      const { profiles } = await total.warmup(new Float64Array(1))
      let code
      try { alloc(Float64Array, 4) } catch (error) { code = error.code }
      console.log(total(Float64Array.of(1, 2)), profiles[0].diagnostics[0].code, code)`
    expect(await run(text, ['--jitless'])).toBe('3 IRIS5005 IRIS5005')
  })

  it('makes texts when they are asked for', async () => {
    const text = `import { offload } from IRIS; ${TOTAL}
      await total.warmup(new Float64Array(1))
      const [{ ir, wat }] = total.explain({ ir: true, wat: true }).profiles
      console.log(ir.includes('loop'), wat.includes('(module'))`
    expect(await run(text)).toBe('true true')
  })
})

import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { builtFile, builtPath } from '../../../base/files.ts'
import { sources } from '../../project/sources.ts'

const execute = promisify(execFile)

describe('the package', () => {
  it('ships at most 250 kB of Wasm', () => {
    const folder = builtPath('kernels')
    const sizes = readdirSync(folder).map(name => statSync(`${folder}/${name}`).size)
    expect(sizes.length).toBeGreaterThan(8)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(250_000)
  })

  it('loads neither compiler nor pool nor any package with iris-fabric/kernels', () => {
    const byPath = new Map(sources().map(file => [file.path, file]))
    const loaded = new Set<string>()
    const visit = (path: string): void => {
      if (loaded.has(path)) return
      loaded.add(path)
      for (const { file, specifier, typeOnly } of byPath.get(path)?.imports ?? [])
        if (!typeOnly && !DYNAMIC.has(file ?? specifier)) visit(file ?? specifier)
    }
    visit('src/kernels/index.ts')
    const foreign = [...loaded].filter(path => !/^(base|src|runtime\/exec|compiler\/abi)/.test(path))
    expect(foreign).toEqual(['node:url'])
    expect([...loaded].filter(path => path.includes('/pool/') || path.includes('engine'))).toEqual([])
  })

  it('works from its built file, in a process that ends by itself', async () => {
    const url = builtFile('src/kernels/index.js').href
    const program = `import { kernels } from '${url}'
      console.log(kernels.dot(Float64Array.of(1, 2), Float64Array.of(3, 4)), await kernels.async.sum(Float64Array.of(5, 6)))`
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', program])
    expect(stdout.trim()).toBe('11 11')
  })
})

/** Imported when they are first needed. */
const DYNAMIC = new Set(['src/kernels/threads.ts', 'runtime/exec/pool/options.ts'])

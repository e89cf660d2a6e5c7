// Builds kernels/assembly/<target>.ts into dist/kernels/<target>.wasm with AssemblyScript, for each target (family of
// functions) of asconfig.json. `debug` keeps the function names, by which compiler/target/link.ts finds callees.
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))
mkdirSync(join('dist', 'kernels'), { recursive: true })
const { targets } = JSON.parse(readFileSync('asconfig.json', 'utf8'))
for (const target of Object.keys(targets)) {
  const source = `kernels/assembly/${target}.ts`
  const files = [source, '--outFile', `dist/kernels/${target}.wasm`]
  const { error, stderr } = await asc.main([...files, '--config', 'asconfig.json', '--target', target])
  if (error) {
    console.error(stderr.toString() || error.message)
    process.exit(1)
  }
}

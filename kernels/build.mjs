// Builds kernels/assembly/*.ts into dist/kernels/*.wasm with AssemblyScript, one target per family (asconfig.json).
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
mkdirSync(join(root, 'dist', 'kernels'), { recursive: true })
process.chdir(root)
const { targets } = JSON.parse(readFileSync('asconfig.json', 'utf8'))
for (const target of Object.keys(targets)) {
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target])
  if (error) {
    console.error(stderr.toString())
    process.exit(1)
  }
}

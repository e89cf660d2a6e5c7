// Builds kernels/assembly/<target>.ts into dist/kernels/<target>.wasm with AssemblyScript, for each target (family of
// functions) of asconfig.json. `debug` keeps the function names, by which compiler/target/link.ts finds callees.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { poolConstants } from './constants.mjs'

/**
 * Vector constants of the families follow each other from here on; memory below is for what asc itself places, memory
 * above for the tables of checksum.ts.
 */
const CONSTANTS_FROM = 4096
const CONSTANTS_END = 49152 - 16

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))
mkdirSync(join('dist', 'kernels'), { recursive: true })
const { targets } = JSON.parse(readFileSync('asconfig.json', 'utf8'))
let next = CONSTANTS_FROM
for (const target of Object.keys(targets)) {
  const source = `kernels/assembly/${target}.ts`
  const files = [source, '--outFile', `dist/kernels/${target}.wasm`]
  const { error, stderr } = await asc.main([...files, '--config', 'asconfig.json', '--target', target])
  if (error) {
    console.error(stderr.toString() || error.message)
    process.exit(1)
  }
  const pooled = poolConstants(readFileSync(`dist/kernels/${target}.wasm`), next)
  writeFileSync(`dist/kernels/${target}.wasm`, pooled.bytes)
  next = pooled.end
}
if (next > CONSTANTS_END) {
  console.error(`the constants of the kernels end at ${next}, beyond ${CONSTANTS_END}`)
  process.exit(1)
}

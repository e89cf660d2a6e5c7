import { createHash, type Hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtPath } from '../../base/files.ts'

/**
 * Names everything that decides which code a request gives: the compiler's own files, the kernels that it links, and
 * binaryen's version. For keys of caches that outlive a process. Reads some sixty files (3 ms): ask once.
 */
export function compilerFingerprint(): string {
  const hash = createHash('sha256').update(binaryenVersion())
  const compiler = dirname(dirname(fileURLToPath(import.meta.url)))
  addFiles(hash, compiler, ['.js', '.ts'])
  addFiles(hash, builtPath('kernels'), ['.wasm'])
  return hash.digest('hex').slice(0, 32)
}

/** Names and contents in a stable order; declarations and source maps decide nothing. */
function addFiles(hash: Hash, root: string, extensions: readonly string[]): void {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  for (const path of paths) {
    const decides = extensions.includes(extname(path)) && !path.endsWith('.d.ts')
    if (decides) hash.update(path).update(readFileSync(join(root, path)))
  }
}

function binaryenVersion(): string {
  const main = createRequire(import.meta.url).resolve('binaryen')
  const { version } = JSON.parse(readFileSync(join(dirname(main), 'package.json'), 'utf8')) as { version: string }
  return version
}

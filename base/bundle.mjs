// Makes lib/, what the package ships, of dist/: few files instead of some 250, since opening and linking a module costs
// 0.3 ms, and that on the caller's thread. What is loaded together stands together; what has to be addressed by path
// (threads, what is loaded later or at once by require) keeps its place in the tree.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const lib = join(root, 'lib')

/** Addressed by path, from outside or with builtFile(). */
const ENTRIES = [
  'base/files',
  'src/index',
  'src/kernels/index',
  'src/cli/main',
  'runtime/actor/index',
  'runtime/actor/threads/worker',
  'runtime/exec/compile-now',
  'runtime/exec/compiler-worker',
  'runtime/exec/pool/worker',
  'compiler/source/in-process',
]

/** An entry that nearly all others import: it goes where they find it without loading more. */
const SHARED = join(dist, 'base/files.js')

const STATIC_IMPORT = /^(?:import|export)\b[^'"]*?from\s*'(\.[^']+)'|^import\s*'(\.[^']+)'/gm

/** A built file and what it imports, not counting what it imports later. */
function loadedWith(entry) {
  const found = new Set([join(dist, `${entry}.js`)])
  for (const file of found) {
    for (const [, from, alone] of readFileSync(file, 'utf8').matchAll(STATIC_IMPORT))
      found.add(join(dirname(file), from ?? alone))
  }
  return found
}

/** Without this, what entries share in part would be scattered over many small files. */
function groups() {
  const entries = new Set(ENTRIES.map(entry => join(dist, `${entry}.js`)))
  const inBoth = intersection(loadedWith('src/kernels/index'), loadedWith('src/index'))
  const taken = new Set()
  const group = (name, files) => {
    const own = new Set([...files].filter(file => (!entries.has(file) || file === SHARED) && !taken.has(file)))
    for (const file of own) taken.add(file)
    return { name, test: file => own.has(file) }
  }
  return [group('common', inBoth), group('root', loadedWith('src/index'))]
}

const intersection = (a, b) => new Set([...a].filter(each => b.has(each)))

rmSync(lib, { recursive: true, force: true })
const bundle = await rolldown({
  input: Object.fromEntries(ENTRIES.map(entry => [entry, join(dist, `${entry}.js`)])),
  platform: 'node',
  external: [/^node:/, 'acorn', '@sveltejs/acorn-typescript', 'binaryen', 'commander', 'piscina'],
})
const { output } = await bundle.write({
  dir: lib,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name].js',
  codeSplitting: { groups: groups() },
})
await bundle.close()

cpSync(join(dist, 'runtime/exec/pool/entry.cjs'), join(lib, 'runtime/exec/pool/entry.cjs'))
cpSync(join(dist, 'kernels'), join(lib, 'kernels'), { recursive: true })
// names the build to the cache of compiled kernels, which hold code of kernels/, too
const hash = createHash('sha256')
for (const file of output) hash.update(`${file.fileName}\n${file.code}`)
for (const name of readdirSync(join(dist, 'kernels')).sort())
  hash.update(name).update(readFileSync(join(dist, 'kernels', name)))
mkdirSync(join(lib, 'base'), { recursive: true })
writeFileSync(join(lib, 'base/build-id'), hash.digest('hex'))

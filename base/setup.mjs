#!/usr/bin/env node
// Brings a checkout to a runnable state: installs what the lock file names, builds kernels and TypeScript, and does
// nothing at all when both are up to date. Plain JavaScript without imports from packages: it runs before `npm ci`.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamps = join(root, 'node_modules', '.cache', 'iris-build')
const force = process.argv.includes('--force')

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Iris needs Node.js 20.19 or newer; this is ${process.version}.`)
  process.exit(1)
}

function run(what, command, args) {
  console.error(`iris: ${what}…`)
  const shell = process.platform === 'win32'
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell })
  if (status === 0) return
  console.error(`iris: ${what} failed${error ? `: ${error.message}` : ''}`)
  process.exit(status ?? 1)
}

/** Hash of names, sizes and modification times of every file below the folders. */
function fingerprint(paths) {
  const hash = createHash('sha256').update(process.version)
  const visit = path => {
    if (!existsSync(path)) return
    const info = statSync(path)
    if (info.isDirectory()) {
      for (const name of readdirSync(path).sort()) if (name !== 'node_modules') visit(join(path, name))
    } else hash.update(`${path}:${info.size}:${info.mtimeMs}\n`)
  }
  for (const path of paths) visit(join(root, path))
  return hash.digest('hex')
}

function step(name, inputs, outputs, action) {
  const stamp = join(stamps, `${name}.stamp`)
  const now = fingerprint(inputs)
  const built = outputs.every(path => existsSync(join(root, path)))
  if (!force && built && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return
  action()
  mkdirSync(stamps, { recursive: true })
  writeFileSync(stamp, now)
}

step('install', ['package.json', 'package-lock.json'], ['node_modules/typescript'], () => {
  if (existsSync(join(root, 'node_modules', '.package-lock.json')) && upToDate()) return
  run('installing dependencies (npm ci)', 'npm', ['ci'])
})
step('kernels', ['kernels'], ['dist/kernels'], () =>
  run('building kernels/ (AssemblyScript)', process.execPath, ['kernels/build.mjs']),
)
step(
  'typescript',
  ['base', 'compiler', 'runtime', 'src', 'bench', 'examples', 'test', 'tsconfig.json', 'tsconfig.build.json'],
  ['dist/src/index.js'],
  () => run('building TypeScript', process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']),
)

step(
  'bundle',
  ['base/bundle.mjs', 'dist/base', 'dist/compiler', 'dist/kernels', 'dist/runtime', 'dist/src'],
  ['lib/src/index.js'],
  () => run('bundling the package', process.execPath, ['base/bundle.mjs']),
)

/** npm writes what it installed into node_modules/.package-lock.json: compare it with the lock file. */
function upToDate() {
  const read = path => JSON.parse(readFileSync(join(root, path), 'utf8')).packages
  const wanted = read('package-lock.json')
  const found = read('node_modules/.package-lock.json')
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || found[path]?.version === entry.version,
  )
}

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL(import.meta.url.includes('/dist/') ? '../../../test/wild/' : './', import.meta.url)

type Lock = { packages?: Record<string, { version?: string; optional?: boolean }> }
const lockOf = (path: string): Lock => JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as Lock

function installed(): boolean {
  if (!existsSync(new URL('node_modules/.package-lock.json', folder))) return false
  const found = lockOf('node_modules/.package-lock.json').packages ?? {}
  const wanted = Object.entries(lockOf('package-lock.json').packages ?? {})
  return wanted.every(([path, entry]) => path === '' || entry.optional || found[path]?.version === entry.version)
}

/** Installs what the folder's lock file names; tells whether that was needed. */
export function installCorpus(): boolean {
  if (installed()) return false
  console.error('wild: installing the packages of the corpus (npm ci)…')
  const shell = process.platform === 'win32'
  const { status } = spawnSync('npm', ['ci'], { cwd: fileURLToPath(folder), stdio: ['ignore', 2, 2], shell })
  if (status !== 0) throw new Error('npm ci failed in test/wild')
  return true
}

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NAME = 'iris-fabric'

/** The cache folder of the project around `start`, else of the user. */
export function defaultFolder(start: string, env: Readonly<Record<string, string | undefined>>): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules'))) return join(folder, 'node_modules', '.cache', NAME)
    if (dirname(folder) === folder) break
  }
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), NAME)
}

/**
 * Names a build of the compiler: by what the bundle says (`idFile`), else by the sizes and times of its files, which
 * takes some milliseconds less than reading them.
 */
export function buildOf(idFile: URL, folders: readonly URL[]): string {
  if (existsSync(idFile)) return readFileSync(idFile, 'utf8')
  const hash = createHash('sha256')
  for (const folder of folders.map(url => fileURLToPath(url))) {
    for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
      if (!/\.(js|wasm)$/.test(name)) continue
      const { size, mtimeMs } = statSync(join(folder, name))
      hash.update(`${name} ${size} ${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}

import { openStore } from '../cache.ts'
import { CliError } from './cli-error.ts'

/** `iris cache info|clear`: what the cache of compiled kernels holds. */
export async function cache(
  action: string,
  flags: { readonly json?: boolean },
  write: (text: string) => void,
): Promise<number> {
  if (action !== 'info' && action !== 'clear')
    throw new CliError(`there is no "iris cache ${action}": use info or clear`)
  const store = openStore()
  if (!store) throw new CliError('the cache is switched off: unset IRIS_CACHE')
  const found = action === 'clear' ? await store.clear() : await store.info()
  if (flags.json) write(JSON.stringify({ action, ...found }, null, 2))
  else {
    const what = `${found.entries} compiled ${found.entries === 1 ? 'kernel' : 'kernels'}, ${kilobytes(found.bytes)}`
    write(action === 'clear' ? `removed ${what} from ${found.folder}` : `${what} in ${found.folder}`)
  }
  return 0
}

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} kB`

import { readFlag } from '../base/env.ts'
import { builtFile } from '../base/files.ts'
import type { Store } from '../runtime/exec/cache/store.ts'
import type { Compiler } from '../runtime/exec/compiler.ts'

/** Bytes of compiled code that the cache folder may hold. */
const LIMIT = 64 * 1024 * 1024

const inFolder = () => import('../runtime/exec/cache/open.ts')

/** The cache of this process; undefined where it is switched off. */
export async function openStore(): Promise<Store | undefined> {
  if (!readFlag('IRIS_CACHE')) return undefined
  return (await inFolder()).openStore(readFlag('IRIS_CACHE_DIR'), LIMIT)
}

/** A compiler behind the cache; everything is loaded with the first request. */
export function cached(inner: Compiler): Compiler {
  let opened: Promise<Compiler> | undefined
  const compiler = (): Promise<Compiler> => (opened ??= open(inner))
  return {
    compile: async request => (await compiler()).compile(request),
    outline: async text => (await compiler()).outline(text),
    close: () => inner.close(),
  }
}

async function open(inner: Compiler): Promise<Compiler> {
  const store = await openStore()
  if (!store) return inner
  const { buildOf, CachedCompiler } = await inFolder()
  const build = buildOf(builtFile('base/build-id'), [builtFile('base/'), builtFile('compiler/'), builtFile('kernels/')])
  return new CachedCompiler(inner, store, build)
}

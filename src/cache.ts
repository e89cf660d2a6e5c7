import { readFlag } from '../base/env.ts'
import { builtFile } from '../base/files.ts'
import { CachedCompiler } from '../runtime/exec/cache/cached-compiler.ts'
import { buildOf, defaultFolder } from '../runtime/exec/cache/place.ts'
import { Store } from '../runtime/exec/cache/store.ts'
import type { Compiler } from '../runtime/exec/compiler.ts'

/** Bytes of compiled code that the cache folder may hold. */
const LIMIT = 64 * 1024 * 1024

/** The cache of this process; undefined where it is switched off. */
export function openStore(): Store | undefined {
  if (!readFlag('IRIS_CACHE')) return undefined
  return new Store(readFlag('IRIS_CACHE_DIR') || defaultFolder(process.cwd(), process.env), LIMIT)
}

/** A compiler behind the cache, which is opened with the first request. */
export function cached(inner: Compiler): Compiler {
  let opened: Compiler | undefined
  const compiler = (): Compiler => (opened ??= open(inner))
  return {
    compile: async request => compiler().compile(request),
    outline: async text => compiler().outline(text),
    close: () => inner.close(),
  }
}

function open(inner: Compiler): Compiler {
  const store = openStore()
  if (!store) return inner
  const build = buildOf(builtFile('base/build-id'), [builtFile('base/'), builtFile('compiler/'), builtFile('kernels/')])
  return new CachedCompiler(inner, store, build)
}

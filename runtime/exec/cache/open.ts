import { defaultFolder } from './place.ts'
import { Store } from './store.ts'

/** All of this folder, to be loaded at once when it is first needed. */
export { CachedCompiler } from './cached-compiler.ts'
export { buildOf } from './place.ts'

/** `folder`: '' for the default; `limit`: bytes. */
export const openStore = (folder: string, limit: number): Store =>
  new Store(folder || defaultFolder(process.cwd(), process.env), limit)

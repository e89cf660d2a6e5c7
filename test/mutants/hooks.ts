/** A module loader hook (node:module register): one file is replaced by another text. */
interface Replacement {
  readonly url: string
  readonly source: string
}

interface Loaded {
  readonly format: string
  readonly source: string
  readonly shortCircuit: true
}
type Load = (url: string, context: object) => Promise<Loaded>

const replaced: Replacement[] = []

export async function initialize(replacement: Replacement): Promise<void> {
  replaced.push(replacement)
}

export async function load(url: string, context: object, next: Load): Promise<Loaded> {
  const found = replaced.find(one => one.url === url)
  return found ? { format: 'module', source: found.source, shortCircuit: true } : next(url, context)
}

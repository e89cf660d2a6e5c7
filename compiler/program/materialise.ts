import type { Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import type { ObjectInfo } from './value.ts'

/** A tuple is used in a way that needs memory: start again with a real array. */
export function materialise(c: Cursor, object: ObjectInfo): never {
  const site = object.site
  if (!site) throw new TypeError('a tuple without a site')
  const { materialised } = c.program.hints
  if (materialised.has(site as Node)) throw c.unsupported(site as Node, 'this use of an array of known length')
  return c.program.addHint(() => materialised.add(site as Node))
}

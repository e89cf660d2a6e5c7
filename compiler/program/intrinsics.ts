import type { Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import type { Value } from './value.ts'

export const intrinsicNames = new Set<string>()

export function intrinsic(c: Cursor, name: string, _args: readonly Value[], node: Node): Value {
  throw c.miss(node, 'IRIS2004', { name, reason: 'it is unknown' })
}

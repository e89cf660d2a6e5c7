import type { AnyNode, Node } from '../source/ast.ts'
import { unboxed } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { BOOLEAN, type BoxValue, NULL, NUMBER, UNDEFINED } from './value.ts'

/**
 * Narrows variables that hold a box by what a test says of them on this arm: `x === undefined`, `x == null`,
 * `typeof x === 'number'`, `x`, `!x`, and `&&`, `||` of those. `mayChange`: what is evaluated after this part of the
 * test may assign variables.
 */
export function refine(c: Cursor, test: Node, sense: boolean, mayChange = false): void {
  const node = test as AnyNode
  switch (node.type) {
    case 'ParenthesizedExpression':
      return refine(c, node.expression, sense, mayChange)
    case 'UnaryExpression':
      return node.operator === '!' ? refine(c, node.argument, !sense, mayChange) : undefined
    case 'LogicalExpression':
      if ((node.operator === '&&') === sense && node.operator !== '??') {
        refine(c, node.left, sense, mayChange || c.hasEffects(node.right))
        refine(c, node.right, sense, mayChange)
      }
      return
    case 'Identifier':
      return keep(c, node, sense ? NUMBER | BOOLEAN : NUMBER | BOOLEAN | UNDEFINED | NULL, mayChange)
    case 'BinaryExpression':
      return refineComparison(c, node, sense, mayChange || c.hasEffects(node))
    default:
  }
}

function refineComparison(
  c: Cursor,
  node: AnyNode & { type: 'BinaryExpression' },
  sense: boolean,
  mayChange: boolean,
): void {
  if (!/^[=!]==?$/.test(node.operator)) return
  const equal = node.operator.startsWith('=') === sense
  const strict = node.operator.length === 3
  const sides: [AnyNode, AnyNode][] = [
    [node.left as AnyNode, node.right as AnyNode],
    [node.right as AnyNode, node.left as AnyNode],
  ]
  for (const [subject, other] of sides) {
    const mask = comparedMask(c, subject, other, strict)
    if (mask === 0) continue
    const variable = subject.type === 'UnaryExpression' ? subject.argument : subject
    keep(c, variable as AnyNode, equal ? mask : ~mask, mayChange)
  }
}

const TYPEOF_MASKS: Readonly<Record<string, number>> = {
  number: NUMBER,
  boolean: BOOLEAN,
  undefined: UNDEFINED,
  object: NULL,
}

/** The kinds that equality with `other` proves, 0 where it proves none exactly. */
function comparedMask(c: Cursor, subject: AnyNode, other: AnyNode, strict: boolean): number {
  if (subject.type === 'UnaryExpression' && subject.operator === 'typeof' && other.type === 'Literal')
    return TYPEOF_MASKS[String(other.value)] ?? 0
  if (subject.type !== 'Identifier') return 0
  if (other.type === 'Literal' && other.value === null && !other.regex) return strict ? NULL : NULL | UNDEFINED
  const isUndefined =
    (other.type === 'Identifier' &&
      other.name === 'undefined' &&
      c.activation.scope.bindingOf.get(other)?.kind === 'free') ||
    (other.type === 'UnaryExpression' && other.operator === 'void')
  if (isUndefined) return strict ? UNDEFINED : NULL | UNDEFINED
  return 0
}

function keep(c: Cursor, node: AnyNode, mask: number, mayChange: boolean): void {
  if (node.type !== 'Identifier') return
  const slot = c.activation.scope.bindingOf.get(node)
  if (mayChange && slot && slot.assignments > 0) return
  const value = slot && c.get(slot)
  if (!slot || value?.k !== 'box') return
  const left = value.mask & mask
  if (left !== 0 && left !== value.mask) c.put(slot, narrowed(value, left))
}

/** The variable keeps its storage; only what is known of it changes. */
function narrowed(value: BoxValue, mask: number): ReturnType<typeof unboxed> {
  return unboxed(value.expr, mask)
}

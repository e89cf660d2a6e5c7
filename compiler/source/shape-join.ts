import type { ValueShape } from '../abi.ts'

/** The common shape of the elements of a list. Identity and present values do not carry over. */
export interface Joined {
  readonly shape: ValueShape
  /** numbers among undefined, null and booleans */
  readonly mixed: boolean
}

const NO_IDENTITY = -1

/** Elements are read at run time: what they hold now is no constant. */
export function withoutConstants(shape: ValueShape): ValueShape {
  switch (shape.k) {
    case 'number':
    case 'boolean':
      return { k: shape.k }
    case 'typed':
      return { ...shape, id: NO_IDENTITY, group: NO_IDENTITY }
    case 'list':
      return {
        k: 'list',
        id: NO_IDENTITY,
        ...(shape.element && { element: withoutConstants(shape.element) }),
        ...(shape.mixed && { mixed: true }),
      }
    case 'object': {
      const fields = Object.fromEntries(
        Object.entries(shape.fields).map(([name, field]) => [name, withoutConstants(field)]),
      )
      return { k: 'object', fields, id: NO_IDENTITY }
    }
    default:
      return shape
  }
}

const isPlain = (shape: ValueShape): boolean =>
  shape.k === 'number' || shape.k === 'boolean' || shape.k === 'undefined' || shape.k === 'null'
const different = (a: ValueShape, b: ValueShape): Joined => ({
  shape: { k: 'opaque', what: `now ${a.k}, now ${b.k}` },
  mixed: false,
})

export function joinShapes(known: Joined | undefined, next: ValueShape): Joined {
  if (!known) return { shape: next, mixed: false }
  const { shape, mixed } = known
  if (shape.k === 'opaque') return known
  if (isPlain(shape) && isPlain(next))
    return { shape: shape.k === next.k ? shape : { k: 'number' }, mixed: mixed || shape.k !== next.k }
  if (mixed || shape.k !== next.k) return different(shape, next)
  const joined = joinSame(shape, next)
  return joined ? { shape: joined, mixed: false } : different(shape, next)
}

function joinSame(a: ValueShape, b: ValueShape): ValueShape | undefined {
  if (a.k === 'list' && b.k === 'list') return joinLists(a, b)
  if (a.k === 'object' && b.k === 'object') return joinObjects(a, b)
  if (a.k === 'typed' && b.k === 'typed') return a.elem === b.elem ? a : undefined
  return JSON.stringify(a) === JSON.stringify(b) ? a : undefined
}

function joinLists(a: ValueShape & { k: 'list' }, b: ValueShape & { k: 'list' }): ValueShape {
  if (!a.element) return b
  if (!b.element) return a
  const { shape, mixed } = joinShapes({ shape: a.element, mixed: a.mixed === true }, b.element)
  return { k: 'list', id: a.id, element: shape, ...((mixed || b.mixed) && { mixed: true }) }
}

/** A field that only some of the objects have is no field that compiled code can read. */
function joinObjects(a: ValueShape & { k: 'object' }, b: ValueShape & { k: 'object' }): ValueShape {
  const names = [...new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])]
  const fields = names.map((name): [string, ValueShape] => {
    const left = Object.hasOwn(a.fields, name) ? a.fields[name]! : undefined
    const right = Object.hasOwn(b.fields, name) ? b.fields[name]! : undefined
    if (!left || !right) return [name, { k: 'opaque', what: 'present in some of the objects only' }]
    const { shape, mixed } = joinShapes({ shape: left, mixed: false }, right)
    return [name, mixed ? { k: 'opaque', what: `now ${left.k}, now ${right.k}` } : shape]
  })
  return { k: 'object', fields: Object.fromEntries(fields), id: a.id }
}

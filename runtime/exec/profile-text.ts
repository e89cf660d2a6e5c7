import type { Profile, ValueShape } from '../../compiler/abi.ts'

/** A profile for people: `(f64[], number, { x: number })`. */
export function profileText(profile: Profile, broadcast?: readonly boolean[]): string {
  const args = profile.args
    .slice(0, profile.count)
    .map((shape, i) => shapeText(shape) + (broadcast?.[i] ? ' each' : ''))
  const self = profile.thisValue && profile.thisValue.k !== 'undefined' ? `this: ${shapeText(profile.thisValue)}; ` : ''
  return `(${self}${args.join(', ')})`
}

function shapeText(shape: ValueShape): string {
  switch (shape.k) {
    case 'typed':
      return `${shape.elem}[]`
    case 'list':
      return `${shape.element ? shapeText(shape.element) : 'empty'}${shape.mixed ? '?' : ''} list`
    case 'object':
      return `{ ${Object.entries(shape.fields)
        .map(([name, field]) => `${name}: ${shapeText(field)}`)
        .join(', ')} }`
    case 'string':
      return JSON.stringify(shape.value)
    case 'function':
      return 'function'
    case 'builtin':
      return shape.name
    case 'opaque':
      return shape.what
    default:
      return shape.k
  }
}

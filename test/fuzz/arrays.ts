import { bool, callback, index, int, mayWalk, num } from './expressions.ts'
import {
  assignable,
  type Context,
  declareVariable,
  fresh,
  inner,
  type Variable,
  type VariableKind,
  visible,
} from './scope.ts'
import { elementsText, type ParamKind, TYPED_NAMES, type TypedName } from './values.ts'

type Nested = (c: Context, change?: Partial<Context>) => string[]

const COMPOUND = ['=', '=', '=', '+=', '-=', '*=', '/=', '|=', '^=', '>>=', '**='] as const

/** `a[i] = …`, `a[i] += …`, `a[i]++`. */
export function elementWrite(c: Context): string[] | undefined {
  const { random } = c
  const arrays = visible(c, 'typed', 'list')
  if (arrays.length === 0) return undefined
  const { name, kind } = random.pick<Variable>(arrays)
  if (kind.k === 'list') return listWrite(c, name)
  const place = `${name}[${index(c, name)}]`
  if (random.chance(0.1)) return [`${place}${random.pick(['++', '--'])}`]
  // where rounding meets a tie
  if (random.chance(kind.k === 'typed' && kind.type === 'Uint8ClampedArray' ? 0.3 : 0.02))
    return [`${place} = ${int(c, 2)} + 0.5`]
  return [`${place} ${random.pick(COMPOUND)} ${random.chance(0.05) ? bool(c) : num(c)}`]
}

/** Plain arrays: writes beyond the end leave the compiled code, so most of them are guarded. */
function listWrite(c: Context, name: string): string[] {
  const { random } = c
  const at = random.chance(0.5) ? '0' : `(${int(c, 2)} & 1)`
  return random.choose([
    [4, () => [`if (${name}.length > 2) ${name}[${at}] ${random.pick(['=', '+=', '-='])} ${num(c)}`]],
    [1, () => (c.fixedLists ? [] : [`${name}.push(${num(c)})`])],
    [0.5, () => (c.fixedLists ? [] : [`${name}[${name}.length] = ${num(c)}`])],
    [0.5, () => (c.fixedLists ? [] : [`if (${name}.length > 3) ${name}.pop()`])],
    [0.2, () => (c.fixedLists ? [] : [`if (${name}.length > 3) ${name}.length = 2`])],
    [0.3, () => (c.fixedLists ? [] : [`${name}[${int(c, 2)} & 7] = ${num(c)}`])],
  ])
}

/** `o.x = …`, `o.x += …` */
export function fieldWrite(c: Context): string[] | undefined {
  const { random } = c
  const objects = visible(c, 'object')
  if (objects.length === 0) return undefined
  const { name, kind } = random.pick(objects)
  const [key, what] = random.pick(Object.entries(kind.fields))
  switch (what.k) {
    case 'num':
    case 'count':
      if (random.chance(0.15)) return [`${name}.${key}${random.pick(['++', '--'])}`]
      return [`${name}.${key} ${random.pick(COMPOUND)} ${num(c)}`]
    case 'bool':
      return [`${name}.${key} = ${bool(c)}`]
    case 'typed':
      return [`${name}.${key}[${index(c, `${name}.${key}`)}] ${random.pick(COMPOUND)} ${num(c)}`]
    default:
      return undefined
  }
}

/** Arrays and objects made, copied, walked and taken apart. */
export function arrayStatement(c: Context, nested: Nested): string[] | undefined {
  const { random } = c
  return random.choose([
    [1.5, () => newTyped(c)],
    [1, () => view(c)],
    [0.8, () => mapped(c)],
    [0.8, () => fill(c)],
    [0.6, () => setElements(c)],
    [0.8, () => list(c)],
    [0.8, () => objectLiteral(c)],
    [0.8, () => destructured(c)],
    [0.6, () => forEach(c, nested)],
    [0.3, () => reverse(c)],
    [0.3, () => tuple(c)],
    [0.2, () => alias(c)],
    [0.3, () => swapped(c)],
  ])
}

function add(c: Context, prefix: string, kind: VariableKind, value: string): string[] {
  return [`const ${declareVariable(c, fresh(c, prefix), kind, false)} = ${value}`]
}

const typedNamed = (c: Context, type?: TypedName): string | undefined => {
  const found = visible(c, 'typed').filter(v => type === undefined || v.kind.type === type)
  return found.length > 0 ? c.random.pick(found).name : undefined
}

/** New arrays cost memory at every round. */
function newTyped(c: Context): string[] | undefined {
  if (c.weight > 60) return undefined
  const { random } = c
  const type = random.pick(TYPED_NAMES)
  const source = typedNamed(c)
  const value = random.choose([
    [2, () => `new ${type}(${random.between(0, 6)})`],
    [1, () => `new ${type}(${int(c, 2)} & 7)`],
    [1, () => (source ? `new ${type}(${source}.length)` : `new ${type}(2)`)],
    [1, () => (source ? `new ${type}(${source})` : `new ${type}(3)`)],
    [0.7, () => `${random.pick([`new ${type}`, `${type}.from`])}([${num(c, 2)}, ${num(c, 2)}])`],
    [0.3, () => `${type}.of(${num(c, 2)}, ${num(c, 2)})`],
    [
      0.3,
      () => `${type}.from({ length: ${random.between(0, 4)} }, ${callback(c, ['_', 'j'], inside => num(inside, 3))})`,
    ],
  ])
  return add(c, 't', { k: 'typed', type }, value)
}

const bound = (c: Context): string =>
  c.random.choose([
    [3, () => String(c.random.between(-2, 4))],
    [1, () => int(c, 2)],
    [0.5, () => num(c, 3)],
  ])

function view(c: Context): string[] | undefined {
  const arrays = visible(c, 'typed')
  if (arrays.length === 0) return undefined
  const { name, kind } = c.random.pick(arrays)
  const method = c.weight <= 60 && c.random.chance(0.4) ? 'slice' : 'subarray'
  const args = c.random.pick([[], [bound(c)], [bound(c), bound(c)]])
  return add(c, 't', kind, `${name}.${method}(${args.join(', ')})`)
}

function mapped(c: Context): string[] | undefined {
  const arrays = visible(c, 'typed', 'list')
  if (arrays.length === 0 || !mayWalk(c) || c.weight > 60) return undefined
  const { name, kind } = c.random.pick<Variable>(arrays)
  if (kind.k === 'list' && c.random.chance(0.3))
    return add(c, 'l', kind, `${name}.filter(${callback(c, ['x', 'j'], inside => bool(inside, 3))})`)
  const makes = kind.k === 'list' ? 'l' : 't'
  return add(c, makes, kind, `${name}.map(${callback(c, ['x', 'j'], inside => num(inside, 2))})`)
}

function fill(c: Context): string[] | undefined {
  const array = typedNamed(c)
  if (array === undefined) return undefined
  const args = c.random.pick([[], [bound(c)], [bound(c), bound(c)]])
  return [`${array}.fill(${[num(c, 1), ...args].join(', ')})`]
}

function setElements(c: Context): string[] | undefined {
  const arrays = visible(c, 'typed')
  if (arrays.length === 0) return undefined
  const { name, kind } = c.random.pick(arrays)
  const source = c.random.chance(0.8) ? typedNamed(c, kind.type) : typedNamed(c)
  if (source === undefined) return undefined
  const offset = c.random.pick(['', '', ', 0', ', 1', `, ${int(c, 3)} & 3`])
  const room = offset === '' || offset === ', 0' ? '' : ' + 3'
  return [`if (${name}.length >= ${source}.length${room}) ${name}.set(${source}${offset})`]
}

function list(c: Context): string[] | undefined {
  if (c.weight > 60) return undefined
  const { random } = c
  const value = random.choose([
    [2, () => elementsText(random, random.between(2, 5))],
    [2, () => `[${num(c, 2)}, ${num(c, 2)}, ${num(c, 2)}]`],
    [1, () => `new Array(${random.between(1, 5)}).fill(${num(c, 2)})`],
    [
      0.5,
      () => `Array.from({ length: ${random.between(1, 5)} }, ${callback(c, ['_', 'j'], inside => num(inside, 3))})`,
    ],
  ])
  return add(c, 'l', { k: 'list' }, value)
}

function objectLiteral(c: Context): string[] {
  const fields: Record<string, ParamKind> = { x: { k: 'num' }, y: { k: 'num' } }
  const parts = [`x: ${num(c, 1)}`, `y: ${num(c, 1)}`]
  if (c.random.chance(0.2)) {
    fields.on = { k: 'bool' }
    parts.push(`on: ${bool(c, 2)}`)
  }
  return add(c, 'o', { k: 'object', fields, live: false }, `{ ${parts.join(', ')} }`)
}

function destructured(c: Context): string[] | undefined {
  const { random } = c
  const objects = visible(c, 'object')
  const arrays = visible(c, 'typed', 'list')
  if (objects.length > 0 && random.chance(0.5)) {
    const { name, kind } = random.pick(objects)
    const [key, what] = random.pick(Object.entries(kind.fields))
    if (what.k !== 'num') return undefined
    return [`const { ${key}: ${declareVariable(c, fresh(c, 'v'), { k: 'num' }, false)} } = ${name}`]
  }
  if (arrays.length === 0) return undefined
  const { name } = random.pick(arrays)
  const fallbacks = [num(c, 3), num(c, 3)]
  const names = [fresh(c, 'v'), fresh(c, 'v')]
  for (const one of names) declareVariable(c, one, { k: 'num' })
  return [`let [${names.map((one, i) => `${one} = ${fallbacks[i]}`).join(', ')}] = ${name}`]
}

function forEach(c: Context, nested: Nested): string[] | undefined {
  const arrays = visible(c, 'typed', 'list')
  if (arrays.length === 0 || !mayWalk(c)) return undefined
  const { name } = c.random.pick(arrays)
  const inside = inner(c, {
    weight: c.weight * 10,
    loops: [],
    blocks: [],
    mayBreak: false,
    inSwitch: false,
    fixedLists: true,
    returns: undefined,
  })
  const element = declareVariable(inside, fresh(c, 'e'), { k: 'num' }, false)
  const position = declareVariable(inside, fresh(c, 'j'), { k: 'int' }, false)
  return [
    `${name}.forEach((${element}, ${position}) => {`,
    ...nested(inside, { depth: inside.depth + 1 }).map(line => `  ${line}`),
    '})',
  ]
}

function reverse(c: Context): string[] | undefined {
  const arrays = visible(c, 'typed', 'list')
  return arrays.length > 0 ? [`${c.random.pick(arrays).name}.reverse()`] : undefined
}

function tuple(c: Context): string[] {
  const name = fresh(c, 'o')
  const value = `[${num(c, 2)}, ${num(c, 2)}]`
  const at = declareVariable(c, fresh(c, 'v'), { k: 'num' }, false)
  return [
    `const ${name} = ${value}`,
    `${name}[${c.random.below(2)}] = ${num(c, 2)}`,
    `const ${at} = ${name}[0] + ${name}[1]`,
  ]
}

/** An array of an object under a name of its own. */
function alias(c: Context): string[] | undefined {
  for (const { name, kind } of visible(c, 'object'))
    for (const [key, what] of Object.entries(kind.fields))
      if (what.k === 'typed') return add(c, 't', what, `${name}.${key}`)
  return undefined
}

/** Two variables of one kind of array that change places. */
function swapped(c: Context): string[] | undefined {
  const arrays = visible(c, 'typed')
  if (arrays.length === 0) return undefined
  const { name, kind } = c.random.pick(arrays)
  const other = typedNamed(c, kind.type) ?? name
  const known = assignable(c, 'typed').filter(v => v.kind.type === kind.type)
  if (known.length > 0) return [`${c.random.pick(known).name} = ${other}`]
  const made = fresh(c, 't')
  declareVariable(c, made, kind, true)
  return [`let ${made} = ${other}`, `if (${bool(c, 2)}) ${made} = ${name}`]
}

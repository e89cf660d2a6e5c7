import type { Random } from './random.ts'
import { assignable, BUDGET, type Context, inner, type Variable, visible } from './scope.ts'
import { NASTY, numberText, type ParamKind, valueText } from './values.ts'

/** Expressions as source text, always in parentheses where that could matter. */

const UNARY_MATH = ['floor', 'ceil', 'trunc', 'round', 'sign', 'abs', 'sqrt', 'fround', 'clz32'] as const
const HOST_MATH = ['sin', 'cos', 'tan', 'exp', 'log', 'atan', 'cbrt', 'log2', 'expm1', 'asin', 'cosh', 'tanh'] as const
const ARITHMETIC = ['+', '-', '*', '/', '%'] as const
const BITWISE = ['|', '&', '^', '<<', '>>', '>>>'] as const
const RELATIONS = ['<', '<=', '>', '>=', '===', '!==', '==', '!='] as const

/** What integers are compared with: fractions around small ones, and the ends of the ranges. */
const THRESHOLDS = [
  '0.5',
  '(-0.5)',
  '1.5',
  '2.5',
  '3',
  '0',
  '(-0)',
  'NaN',
  'Infinity',
  '2147483647.5',
  '4294967296',
] as const

/** A number. */
export function num(c: Context, depth = 0): string {
  const { random } = c
  if (depth >= c.expressionDepth || random.chance(0.3)) return numLeaf(c)
  const sub = (): string => num(c, depth + 1)
  return random.choose([
    [6, () => `(${sub()} ${random.pick(ARITHMETIC)} ${sub()})`],
    [3, () => `(${sub()} ${random.pick(BITWISE)} ${sub()})`],
    [1.5, () => withIdentity(random, sub())],
    // what tells the zeros apart
    [0.5, () => `(1 / ${sub()})`],
    [2, () => int(c, depth + 1)],
    [1, () => `(${random.pick(['-', '+', '~'])}${sub()})`],
    [2, () => `Math.${random.pick(UNARY_MATH)}(${sub()})`],
    [0.5, () => `Math.${random.pick(HOST_MATH)}(${sub()})`],
    [1, () => `Math.${random.pick(['min', 'max'])}(${Array.from({ length: random.between(1, 3) }, sub).join(', ')})`],
    [0.5, () => `Math.${random.pick(['imul', 'atan2', 'pow', 'hypot'])}(${sub()}, ${sub()})`],
    [0.5, () => `(${sub()} ** ${random.pick(['2', '3', '0.5', '-1', sub()])})`.replace(/^\(-/, '(0 - ')],
    [1.5, () => `(${bool(c, depth + 1)} ? ${sub()} : ${sub()})`],
    [0.7, () => `(${sub()} ${random.pick(['||', '&&'])} ${sub()})`],
    [0.5, () => maybeOr(c, depth)],
    [1, () => assignment(c, depth)],
    [0.3, () => `(${sub()}, ${sub()})`],
    [1.2, () => callOf(c, 'num', depth) ?? numLeaf(c)],
    [0.7, () => arrayNumber(c, depth) ?? numLeaf(c)],
    [0.3, () => random.pick([`Number(${bool(c, depth + 1)})`, `(+${bool(c, depth + 1)})`])],
    [0.2, () => `(${bool(c, depth + 1)} + ${sub()})`],
  ])
}

/** Arithmetic that nearly does nothing: what a simplifier is tempted to drop. */
function withIdentity(random: Random, x: string): string {
  const operator = random.pick(ARITHMETIC)
  const y = random.pick(['0', '0', '(-0)', '1', '(-1)', '2', '0.5'])
  return random.chance(0.75) ? `(${x} ${operator} ${y})` : `(${y} ${operator} ${x})`
}

function numLeaf(c: Context): string {
  const { random } = c
  return random.choose([
    [4, () => nameOf(c, visible(c, 'num', 'int')) ?? literal(c)],
    [1.5, () => literal(c)],
    [2.5, () => elementRead(c) ?? literal(c)],
    [1, () => field(c) ?? literal(c)],
    [0.8, () => recordField(c) ?? literal(c)],
    [0.4, () => lengthOf(c) ?? literal(c)],
    [0.8, () => nameOf(c, visible(c, 'maybe')) ?? numLeaf(c)],
    [0.15, () => random.pick(['Math.PI', 'Math.E', 'Number.EPSILON', 'Number.MAX_SAFE_INTEGER'])],
  ])
}

const nameOf = (c: Context, variables: readonly Variable[]): string | undefined =>
  variables.length > 0 ? c.random.pick(variables).name : undefined

/** A literal; negative ones in parentheses. */
export function literal(c: Context): string {
  const text = c.random.chance(0.5) ? String(c.random.between(0, 9)) : numberText(c.random)
  return /^[\w.]+$/.test(text) ? text : `(${text})`
}

/** A number that is a 32-bit integer, mostly small. */
export function int(c: Context, depth = 0): string {
  const { random } = c
  const leaf = (): string => nameOf(c, visible(c, 'int')) ?? String(random.between(0, 6))
  if (depth >= c.expressionDepth || random.chance(0.35)) return leaf()
  const sub = (): string => int(c, depth + 1)
  return random.choose([
    [3, () => `(${sub()} ${random.pick(['+', '-', '*'])} ${sub()})`],
    [3, () => `((${num(c, depth + 1)}) ${random.pick(['| 0', '& 7', '>> 1', '& 255', '>>> 28', '^ 5'])})`],
    [1, () => `(${sub()} ${random.pick(BITWISE)} ${sub()})`],
    [1, () => `(${sub()} % ${random.pick(['4', '3', '7', sub()])})`],
    [1, () => `Math.${random.pick(['floor', 'trunc', 'round', 'abs'])}(${sub()} / ${random.pick(['2', '4', '3'])})`],
    [1, () => `(${bool(c, depth + 1)} ? ${sub()} : ${sub()})`],
    [0.5, () => `Math.${random.pick(['min', 'max'])}(${sub()}, ${sub()})`],
    [0.5, () => lengthOf(c) ?? leaf()],
    [0.5, () => `Math.imul(${sub()}, ${sub()})`],
    [0.3, () => `(~~${num(c, depth + 1)})`],
  ])
}

export function bool(c: Context, depth = 0): string {
  const { random } = c
  if (depth >= c.expressionDepth) return boolLeaf(c)
  const sub = (): string => bool(c, depth + 1)
  const number = (): string => num(c, depth + 1)
  return random.choose([
    [6, () => `(${number()} ${random.pick(RELATIONS)} ${number()})`],
    [1, () => `(${int(c, depth + 1)} ${random.pick(RELATIONS)} ${int(c, depth + 1)})`],
    [0.7, () => `(${int(c, depth + 1)} ${random.pick(RELATIONS)} ${random.pick(THRESHOLDS)})`],
    [1.5, () => `(${sub()} ${random.pick(['&&', '||'])} ${sub()})`],
    [1, () => `(!${random.chance(0.5) ? sub() : number()})`],
    [1, () => boolLeaf(c)],
    [0.6, () => isMissing(c) ?? boolLeaf(c)],
    [
      0.4,
      () =>
        `${random.pick(['Number.isNaN', 'Number.isInteger', 'Number.isFinite', 'isNaN', 'isFinite', 'Boolean'])}(${number()})`,
    ],
    [0.3, () => `Object.is(${number()}, ${random.pick(['0', '-0', 'NaN', number()])})`],
    [0.4, () => arrayBool(c, depth) ?? boolLeaf(c)],
    [0.4, () => callOf(c, 'bool', depth) ?? boolLeaf(c)],
    [0.2, () => `(${sub()} === ${sub()})`],
    [0.2, () => `(${sub()} ? ${sub()} : ${sub()})`],
  ])
}

function boolLeaf(c: Context): string {
  return (
    (c.random.chance(0.7) ? nameOf(c, visible(c, 'bool', 'maybe')) : undefined) ?? `(${numLeaf(c)} > ${numLeaf(c)})`
  )
}

/** Questions about undefined and null: an element beyond the end, an argument that was not passed. */
function isMissing(c: Context): string | undefined {
  const { random } = c
  const maybe = nameOf(c, visible(c, 'maybe'))
  const subject = random.chance(0.5) ? (maybe ?? elementRead(c)) : (elementRead(c) ?? maybe)
  if (subject === undefined) return undefined
  if (random.chance(0.3))
    return `(typeof ${subject} ${random.pick(['===', '!=='])} ${random.pick(["'number'", "'undefined'"])})`
  return `(${subject} ${random.pick(['===', '!==', '==', '!='])} ${random.pick(['undefined', 'undefined', 'null', 'void 0'])})`
}

function maybeOr(c: Context, depth: number): string {
  const subject = nameOf(c, visible(c, 'maybe')) ?? elementRead(c)
  return subject ? `(${subject} ?? ${num(c, depth + 1)})` : numLeaf(c)
}

/** `x = …`, `x += …`, `x++` as part of an expression. */
function assignment(c: Context, depth: number): string {
  const { random } = c
  const targets = assignable(c, 'num')
  if (targets.length === 0 || c.depth > 6) return numLeaf(c)
  const { name } = random.pick(targets)
  return random.choose([
    [2, () => `(${name} ${random.pick(['=', '+=', '-=', '*=', '|=', '&=', '>>=', '/='])} ${num(c, depth + 2)})`],
    [1, () => `${name}${random.pick(['++', '--'])}`],
    [1, () => `(${random.pick(['++', '--'])}${name})`],
  ])
}

export function lengthOf(c: Context): string | undefined {
  const name = nameOf(c, visible(c, 'typed', 'list', 'records'))
  return name && `${name}.length`
}

/** Index expressions: mostly in bounds, sometimes anything. */
export function index(c: Context, array: string): string {
  const { random } = c
  return random.choose([
    [5, () => nameOf(c, visible(c, 'int')) ?? String(random.between(0, 3))],
    [2, () => String(random.between(0, 4))],
    [2, () => `${int(c, 3)} & ${random.pick(['1', '3', '7'])}`],
    [1, () => `${array}.length - ${random.pick(['1', '1', '2', int(c, 3)])}`],
    [1, () => int(c, 2)],
    [0.7, () => num(c, 2)],
    [0.2, () => random.pick(['-1', '0.5', '1e9', '4294967296', '-0', 'NaN'])],
  ])
}

export function elementRead(c: Context): string | undefined {
  const name = nameOf(c, visible(c, 'typed', 'list'))
  if (name !== undefined) return `${name}[${index(c, name)}]`
  return undefined
}

/** A field of an object in an array; now and then of one beyond its end, which throws. */
function recordField(c: Context): string | undefined {
  const { random } = c
  const record = nameOf(c, visible(c, 'record'))
  const array = nameOf(c, visible(c, 'records'))
  const name = random.pick(['x', 'y'])
  if (record !== undefined && (array === undefined || random.chance(0.6))) return `${record}.${name}`
  if (array === undefined) return undefined
  const at = random.choose([
    [3, () => '0'],
    [3, () => `(((${int(c, 3)} % ${array}.length) + ${array}.length) % ${array}.length)`],
    [1, () => index(c, array)],
  ])
  return `${array}[${at}].${name}`
}

/** A numeric field of an object, or an element of an array field. */
export function field(c: Context): string | undefined {
  const objects = visible(c, 'object')
  if (objects.length === 0) return undefined
  const { name, kind } = c.random.pick(objects)
  const [key, what] = c.random.pick(Object.entries(kind.fields))
  if (what.k === 'typed' || what.k === 'list') return `${name}.${key}[${index(c, `${name}.${key}`)}]`
  if (what.k === 'bool') return `(${name}.${key} ? 1 : 2)`
  return what.k === 'object' ? undefined : `${name}.${key}`
}

const ARRAY_WEIGHT = 10

/** A callback: its parameters, and an expression over them. */
export function callback(c: Context, names: readonly string[], body: (inside: Context) => string): string {
  const inside = inner(c, {
    weight: c.weight * ARRAY_WEIGHT,
    fixedLists: true,
    depth: c.depth + 3,
    loops: [],
    blocks: [],
  })
  const used = names.map((name, i) => {
    const unique = `${name}${inside.names.next++}`
    inside.variables.push({ name: unique, kind: { k: i === 1 && names.length === 2 ? 'int' : 'num' }, mutable: false })
    return unique
  })
  return `(${used.join(', ')}) => ${body(inside)}`
}

export const mayWalk = (c: Context): boolean => c.weight * ARRAY_WEIGHT <= BUDGET

function arrayNumber(c: Context, depth: number): string | undefined {
  const array = nameOf(c, visible(c, 'typed', 'list'))
  if (array === undefined || !mayWalk(c)) return undefined
  const { random } = c
  return random.choose([
    [2, () => `${array}.reduce(${reducer(c)}, ${num(c, depth + 2)})`],
    [1, () => `${array}.indexOf(${num(c, depth + 2)})`],
    [1, () => `${array}.findIndex(${callback(c, ['v', 'j'], inside => bool(inside, 3))})`],
  ])
}

function reducer(c: Context): string {
  const inside = inner(c, { weight: c.weight * ARRAY_WEIGHT, fixedLists: true, depth: c.depth + 3 })
  const [a, b] = [`a${inside.names.next++}`, `b${inside.names.next++}`]
  inside.variables.push(
    { name: a, kind: { k: 'num' }, mutable: false },
    { name: b, kind: { k: 'num' }, mutable: false },
  )
  return `(${a}, ${b}) => ${c.random.chance(0.4) ? `${a} + ${b}` : num(inside, 2)}`
}

function arrayBool(c: Context, depth: number): string | undefined {
  const array = nameOf(c, visible(c, 'typed', 'list'))
  if (array === undefined || !mayWalk(c)) return undefined
  const { random } = c
  return random.choose([
    [1, () => `${array}.${random.pick(['some', 'every'])}(${callback(c, ['v', 'j'], inside => bool(inside, 3))})`],
    [1, () => `${array}.includes(${random.pick([num(c, depth + 2), 'NaN', '0'])})`],
  ])
}

/** A call of a function in scope, with arguments of its kinds. */
export function callOf(c: Context, returns: 'num' | 'bool', depth: number): string | undefined {
  const found = visible(c, 'fn').filter(({ kind }) => kind.returns === returns && kind.cost * c.weight <= BUDGET)
  if (found.length === 0) return undefined
  const { name, kind } = c.random.pick(found)
  const args = kind.params.map(param => argument(c, param, depth))
  if (args.includes(undefined)) return undefined
  c.frame.cost += (kind.cost * c.weight) / c.frame.weight
  return `${name}(${args.join(', ')})`
}

function argument(c: Context, kind: ParamKind, depth: number): string | undefined {
  switch (kind.k) {
    case 'num':
    case 'maybe':
      return num(c, depth + 2)
    case 'count':
      return c.random.chance(0.6) ? String(c.random.between(0, 5)) : `(${int(c, depth + 2)} & 7)`
    case 'bool':
      return bool(c, depth + 2)
    case 'typed':
      return nameOf(
        c,
        visible(c, 'typed').filter(v => v.kind.type === kind.type),
      )
    case 'list':
    case 'records':
      return nameOf(c, visible(c, kind.k))
    case 'object':
      return undefined
  }
}

/** Text of a value of a kind, for captured constants. */
export const constantText = (c: Context, kind: ParamKind): string => valueText(c.random, kind)
export const nastyText = (c: Context): string => c.random.pick(NASTY)

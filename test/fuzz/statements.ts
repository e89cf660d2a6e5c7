import { arrayStatement, elementWrite, fieldWrite } from './arrays.ts'
import { bool, elementRead, int, num } from './expressions.ts'
import { localFunction } from './functions.ts'
import { libraryStatement } from './library.ts'
import { jump, loop } from './loops.ts'
import { assignable, type Context, declareVariable, fresh, inner, type Variable, visible } from './scope.ts'

/** Statements as lines of source text. */

export type Block = (c: Context, count: number) => string[]

const indent = (lines: readonly string[]): string[] => lines.map(line => `  ${line}`)
export const braces = (head: string, lines: readonly string[], tail = ''): string[] => [
  `${head} {`,
  ...indent(lines),
  `}${tail}`,
]

export const block: Block = (c, count) => Array.from({ length: count }, () => statement(c)).flat()

/** Code inside braces: its declarations end there. */
export const nested = (c: Context, change: Partial<Context> = {}): string[] => {
  const inside = inner(c, change)
  return block(inside, c.depth > 2 ? 1 : c.random.pick([1, 1, 2, 3]))
}

export function statement(c: Context): string[] {
  const { random } = c
  const isDeep = c.depth >= 4
  return random.choose([
    [2.5, () => declaration(c)],
    [3, () => assign(c)],
    [2.5, () => elementWrite(c) ?? assign(c)],
    [1, () => fieldWrite(c) ?? assign(c)],
    [1.6, () => arrayStatement(c, nested) ?? declaration(c)],
    [isDeep ? 0.3 : 1.6, () => branch(c)],
    [isDeep ? 0 : 2, () => loop(c, nested) ?? assign(c)],
    [isDeep ? 0 : 0.6, () => switchStatement(c)],
    [c.loops.length + c.blocks.length > 0 ? 0.8 : 0, () => jump(c) ?? assign(c)],
    [isDeep ? 0 : 0.2, () => labelled(c)],
    [isDeep ? 0 : 0.4, () => localFunction(c, nested)],
    [c.returns && c.depth > 0 ? 0.4 : 0, () => [`if (${bool(c, 2)}) ${returnText(c)}`]],
    [c.returns ? 0.12 : 0, () => guard(c)],
    [0.15, () => braces('', nested(c))],
    [isDeep ? 0 : 0.8, () => repeated(c)],
    [c.library ? 5 : 0, () => libraryStatement(c) ?? assign(c)],
  ])
}

function declaration(c: Context): string[] {
  const { random } = c
  const keyword = random.pick(['let', 'let', 'const', 'var'])
  const mutable = keyword !== 'const'
  return random.choose([
    [5, () => [initialised(c, keyword, 'v', 'num', num(c), mutable)]],
    [2, () => [initialised(c, keyword, 'k', 'int', int(c), false)]],
    [1.5, () => [initialised(c, keyword, 'q', 'bool', bool(c), mutable)]],
    [0.5, () => late(c)],
    [0.4, () => sometimes(c)],
    [0.6, () => [initialised(c, 'let', 'u', 'maybe', random.pick(['undefined', 'null', 'true', num(c)]), true)]],
    [0.3, () => several(c)],
  ])
}

function initialised(
  c: Context,
  keyword: string,
  prefix: string,
  kind: 'num' | 'int' | 'bool' | 'maybe',
  value: string,
  mutable: boolean,
): string {
  return `${keyword} ${declareVariable(c, fresh(c, prefix), { k: kind }, mutable)} = ${value}`
}

/** Declared first, assigned on both arms. */
function late(c: Context): string[] {
  const [test, a, b] = [bool(c, 2), num(c, 1), num(c, 1)]
  const name = declareVariable(c, fresh(c, 'v'), { k: 'num' })
  return [`let ${name}`, `if (${test}) ${name} = ${a}`, `else ${name} = ${b}`]
}

/** One expression before and after something that may change its value. */
function repeated(c: Context): string[] {
  const { random } = c
  const before = { ...c, variables: [...c.variables] }
  const value = random.chance(0.5) ? (elementRead(before) ?? num(before, 2)) : num(before, 2)
  const between = random.chance(0.6) ? (loop(c, nested) ?? branch(c)) : branch(c)
  const names = [fresh(c, 'v'), fresh(c, 'v')]
  for (const name of names) declareVariable(c, name, { k: 'num' })
  return [`let ${names[0]} = +${value}`, ...between, `let ${names[1]} = +${value}`]
}

/** Without a value where the test fails: undefined, also when this place is reached for the second time. */
function sometimes(c: Context): string[] {
  const [test, value] = [bool(c, 2), c.random.chance(0.3) ? bool(c, 2) : num(c, 1)]
  const name = declareVariable(c, fresh(c, 'u'), { k: 'maybe' })
  return [`let ${name}`, `if (${test}) ${name} = ${value}`]
}

function several(c: Context): string[] {
  const values = [num(c, 2), num(c, 2)]
  const names = values.map(() => fresh(c, 'v'))
  for (const name of names) declareVariable(c, name, { k: 'num' })
  return c.random.chance(0.5)
    ? [`let ${names.map((name, i) => `${name} = ${values[i]}`).join(', ')}`]
    : [`let [${names.join(', ')}] = [${values.join(', ')}]`]
}

const OPERATORS = [
  '=',
  '=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '|=',
  '&=',
  '^=',
  '<<=',
  '>>=',
  '>>>=',
  '**=',
  '||=',
  '&&=',
] as const

function assign(c: Context): string[] {
  const { random } = c
  const targets = assignable(c, 'num', 'bool', 'maybe')
  if (targets.length === 0) return declaration(c)
  const { name, kind } = random.pick<Variable>(targets)
  if (kind.k === 'bool') return [`${name} = ${bool(c)}`]
  if (kind.k === 'maybe')
    return [
      random.chance(0.3)
        ? `${name} ??= ${num(c)}`
        : `${name} = ${random.pick([num(c), 'undefined', 'null', bool(c, 2), 'false'])}`,
    ]
  if (random.chance(0.15)) return [`${name}${random.pick(['++', '--'])}`]
  if (random.chance(0.05)) return swap(c)
  return [`${name} ${random.pick(OPERATORS)} ${num(c)}`]
}

function swap(c: Context): string[] {
  const targets = assignable(c, 'num')
  const [a, b] = [c.random.pick(targets).name, c.random.pick(targets).name]
  return [`;[${a}, ${b}] = [${b}, ${a}]`]
}

function branch(c: Context): string[] {
  const { random } = c
  const test = bool(c, 1)
  const lines = braces(`if (${test})`, nested(c))
  if (random.chance(0.5)) return lines
  const other = random.chance(0.3) ? branch(inner(c)) : braces('', nested(c)).map((line, i) => (i === 0 ? '{' : line))
  return [...lines.slice(0, -1), `} else ${other[0]}`, ...other.slice(1)]
}

function switchStatement(c: Context): string[] {
  const { random } = c
  const subject = random.chance(0.7) ? `${int(c, 2)} & 3` : num(c, 2)
  const count = random.between(1, 4)
  const fallback = random.chance(0.6) ? random.between(0, count) : -1
  const lines: string[] = []
  const inside = inner(c, { inSwitch: true, mayBreak: false })
  for (let i = 0; i <= count; i++) {
    if (i === fallback) lines.push('default:')
    else if (i < count) lines.push(`case ${random.chance(0.8) ? i : num(inside, 3)}:`)
    else continue
    if (random.chance(0.85)) lines.push(...indent(braces('', nested(inside))))
    if (random.chance(0.7)) lines.push('  break')
  }
  return braces(`switch (${subject})`, lines)
}

function labelled(c: Context): string[] {
  const label = fresh(c, 'L')
  return braces(`${label}:`, nested(c, { blocks: [...c.blocks, label] }))
}

function guard(c: Context): string[] {
  const { random } = c
  const numbers = visible(c, 'num')
  if (random.chance(0.4) && numbers.length > 0)
    return [`if (typeof ${random.pick(numbers).name} !== 'number') throw new TypeError('number wanted')`]
  return [`if (${num(c, 2)} > 1e6) throw new RangeError('too large')`]
}

export function returnText(c: Context): string {
  if (c.returns === 'num') return `return ${num(c, 1)}`
  if (c.returns === 'bool') return `return ${bool(c, 1)}`
  return c.random.chance(0.1) ? 'return' : `return ${resultText(c)}`
}

/** What a kernel returns: a scalar, an array, an object of such things. */
export function resultText(c: Context): string {
  const { random } = c
  const arrays = visible(c, 'typed', 'list')
  return random.choose([
    [6, () => num(c)],
    [1.5, () => bool(c)],
    [2, () => `[${Array.from({ length: random.between(1, 4) }, () => scalar(c)).join(', ')}]`],
    [1.5, () => `{ a: ${scalar(c)}, b: ${scalar(c)}${random.chance(0.3) ? `, c: [${num(c, 2)}]` : ''} }`],
    [2, () => (arrays.length > 0 ? random.pick(arrays).name : num(c))],
    [0.5, () => (arrays.length > 0 ? `{ data: ${random.pick(arrays).name}, n: ${num(c, 2)} }` : num(c))],
    [0.5, () => `${bool(c, 2)} ? ${num(c, 2)} : ${random.pick(['null', 'undefined', 'false', '-1'])}`],
    [0.2, () => random.pick(['undefined', 'null', 'true'])],
  ])
}

const scalar = (c: Context): string => (c.random.chance(0.85) ? num(c, 1) : bool(c, 2))

import { bool, num } from './expressions.ts'
import { assignable, type Context, declareVariable, fresh, inner, type VariableOf, visible } from './scope.ts'

/**
 * Nests over elements at sums and products of both counters: windows, products of matrices, rounds over the same
 * elements, stencils. What is vectorised by its inner loop, by its outer one, jammed or interleaved, and what is close to it.
 */
export function nest(c: Context, room: number): string[] | undefined {
  const { random } = c
  const arrays = visible(c, 'typed')
  if (arrays.length === 0 || room < 120) return undefined
  const inside = inner(c, { weight: c.weight * 100, loops: [...c.loops, '', ''], inSwitch: false, fixedLists: true })
  const counter = (): string => declareVariable(inside, fresh(c, 'i'), { k: 'int' }, false)
  const [o, i] = [counter(), counter()]
  const plan: Plan = { c: inside, arrays, o, i, target: random.pick(arrays), width: random.pick(['2', '3', '4', '8']) }
  const before: string[] = []
  const head = outerHead(plan, before)
  if (random.chance(0.5)) before.push(`const ${declare(plan, 'w')} = ${source(plan, [o, o, `${o} + 1`])}`)
  if (random.chance(0.2)) before.push(`const ${declare(plan, 'w')} = ${num(inside, 3)}`)
  const from = random.pick(['0', '0', '0', '1', o])
  const bound = random.pick([
    ...arrays.map(({ name }) => `${name}.length`),
    ...['4', '8', '9', plan.width, plan.width, `${plan.target.name}.length - ${plan.width}`, o],
  ])
  const innerHead = `for (let ${i} = ${from}; ${i} < ${bound}; ${i}++) {`
  const [lines, after] = random.chance(0.4) ? gathering(plan, before) : [storing(plan), []]
  return [
    `${head} {`,
    ...before.map(line => `  ${line}`),
    `  ${innerHead}`,
    ...lines.map(line => `    ${line}`),
    '  }',
    ...after.map(line => `  ${line}`),
    '}',
  ]
}

interface Plan {
  readonly c: Context
  readonly arrays: readonly VariableOf<'typed'>[]
  readonly target: VariableOf<'typed'>
  /** The outer and the inner counter. */
  readonly o: string
  readonly i: string
  /** Elements of a row. */
  readonly width: string
}

function declare({ c }: Plan, prefix: string): string {
  return declareVariable(c, fresh(c, prefix), { k: 'num' }, false)
}

function outerHead(plan: Plan, before: string[]): string {
  const { c, o, target } = plan
  const records = visible(c, 'records')
  const bound = c.random.pick([`${target.name}.length`, `${c.random.pick(plan.arrays).name}.length`, '4', '5', '9'])
  if (records.length === 0 || c.random.chance(0.7)) return `for (let ${o} = 0; ${o} < ${bound}; ${o}++)`
  const list = c.random.pick(records).name
  const [x, y] = [declare(plan, 'x'), declare(plan, 'y')]
  if (c.random.chance(0.5)) before.push(`const ${x} = ${list}[${o}].x, ${y} = ${list}[${o}].y`)
  else before.push(`const { x: ${x}, y: ${y} } = ${list}[${o}]`)
  return `for (let ${o} = 0; ${o} < ${list}.length; ${o}++)`
}

const source = ({ c, arrays }: Plan, indices: readonly string[]): string =>
  `${c.random.pick(arrays).name}[${c.random.pick(indices)}]`

function indices({ o, i, width, c }: Plan): string[] {
  const shift = c.random.between(-1, 2)
  return [
    i,
    i,
    i,
    o,
    `${o} + ${i}`,
    `${o} * ${width} + ${i}`,
    `${i} * ${width} + ${o}`,
    `${i} + ${shift}`,
    `${i} - ${o}`,
  ]
}

/** A value of some elements. */
function value(plan: Plan): string {
  const { c, target } = plan
  const elements = [
    source(plan, indices(plan)),
    source(plan, indices(plan)),
    `${target.name}[${c.random.pick(indices(plan))}]`,
  ]
  const inside = inner(c)
  for (const name of elements) inside.variables.push({ name, kind: { k: 'num' }, mutable: false })
  const [a, b] = [c.random.pick(elements), c.random.pick(elements)]
  return (
    c.random.choose([
      [3, () => `${a} * ${num(inside, 3)} + ${b}`],
      [2, () => `${a} ${c.random.pick(['+', '-', '*'])} ${b}`],
      [2, () => num(inside, 2)],
      [1, () => `(${bool(inside, 2)} ? ${a} : ${b})`],
      [1, () => `Math.${c.random.pick(['min', 'max'])}(${a}, ${b})`],
    ]) ?? a
  )
}

/** `t[…] = …` in the inner loop, also by way of locals that change. */
function storing(plan: Plan): string[] {
  const { c, target } = plan
  const { random } = c
  const at = random.pick(indices(plan))
  const operator = random.pick(['=', '+=', '+=', '-=', '*='])
  if (random.chance(0.7)) return [`${target.name}[${at}] ${operator} ${value(plan)}`]
  const k = fresh(c, 'k')
  const v = declare(plan, 'v')
  return [
    `let ${k} = ${random.pick(indices(plan))}`,
    `const ${v} = ${target.name}[${k}] * ${value(plan)}`,
    ...(random.chance(0.5) ? [`${k} = ${at}`] : []),
    ...(random.chance(0.2) ? [`if (${bool(c, 2)}) ${random.pick(['continue', 'break'])}`] : []),
    `${target.name}[${k}] ${operator} ${v}`,
  ]
}

/** A sum of the inner loop's rounds, stored or added by the outer one. */
function gathering(plan: Plan, before: string[]): readonly [string[], string[]] {
  const { c, o, target } = plan
  const { random } = c
  const sum = declare(plan, 's')
  before.push(`let ${sum} = ${random.pick(['0', '0', '1', 'Infinity', `${target.name}[${o}]`])}`)
  const line =
    random.choose([
      [5, () => `${sum} += ${value(plan)}`],
      [1, () => `${sum} = Math.${random.pick(['min', 'max'])}(${sum}, ${value(plan)})`],
      [1, () => `if (${bool(c, 2)}) ${sum} += ${value(plan)}`],
      [1, () => `{ const v = ${value(plan)}; if (v < ${sum}) ${sum} = v }`],
      [1, () => `${sum} = (${sum} + ${value(plan)}) | 0`],
    ]) ?? ''
  const others = assignable(c, 'num')
  const place = random.pick([o, o, `${o} * ${plan.width}`, `${o} + 1`])
  const after =
    others.length > 0 && random.chance(0.2)
      ? `${random.pick(others).name} ${random.pick(['=', '+='])} ${sum}`
      : `${target.name}[${place}] ${random.pick(['=', '=', '+='])} ${sum}`
  return [[line], [after]]
}

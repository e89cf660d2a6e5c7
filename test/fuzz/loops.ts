import { bool, lengthOf, num } from './expressions.ts'
import { nest } from './nests.ts'
import { assignable, BUDGET, type Context, declareVariable, fresh, inner, visible } from './scope.ts'

type Nested = (c: Context, change?: Partial<Context>) => string[]

/** Loops that end: counters that nothing else assigns, and never more rounds than the budget allows. */
export function loop(c: Context, nested: Nested): string[] | undefined {
  const { random } = c
  const room = Math.floor(BUDGET / c.weight)
  if (room < 2) return undefined
  const label = random.chance(0.25) ? fresh(c, 'L') : ''
  const lines = random.choose([
    [5, () => counting(c, nested, label, room)],
    [2, () => overArray(c, nested, label, room)],
    [1.2, () => forOf(c, nested, label, room)],
    [0.8, () => overRecords(c, nested, label, room)],
    [1.5, () => elementwise(c, room)],
    [1, () => running(c, room)],
    [2, () => nest(c, room)],
    [0.7, () => least(c, room)],
    [1, () => whileLoop(c, nested, label, room)],
    [0.6, () => doWhile(c, nested, label, room)],
    [0.4, () => endless(c, nested, label, room)],
    [0.5, () => downwards(c, nested, label, room)],
  ])
  if (!lines || label === '') return lines
  const at = lines.findIndex(line => /^(for|while|do)\b/.test(line))
  return [...lines.slice(0, at), `${label}: ${lines[at]}`, ...lines.slice(at + 1)]
}

function inLoop(c: Context, label: string, rounds: number, more: Partial<Context> = {}): Context {
  return inner(c, {
    weight: c.weight * rounds,
    loops: [...c.loops, label],
    inSwitch: false,
    mayBreak: true,
    ...more,
  })
}

const body = (head: string, lines: readonly string[], tail = ''): string[] => [
  `${head} {`,
  ...lines.map(line => `  ${line}`),
  `}${tail}`,
]

/** `for (let i = a; i < n; i += s)`, with a bound that is a constant, a count parameter or an expression. */
function counting(c: Context, nested: Nested, label: string, room: number): string[] {
  const { random } = c
  const most = Math.min(room, 9)
  const counts = visible(c, 'int').filter(({ name }) => /^n\d/.test(name))
  const bound =
    counts.length > 0 && room >= 12 && random.chance(0.6)
      ? random.pick(counts).name
      : random.chance(0.8)
        ? String(random.between(1, most))
        : `Math.min(${most}, ${num(c, 2)})`
  const inside = inLoop(c, label, /^\d+$/.test(bound) ? Number(bound) : 12)
  const name = declareVariable(inside, fresh(c, 'i'), { k: 'int' }, false)
  const step = random.choose([
    [6, () => random.pick([`${name}++`, `++${name}`, `${name} += 1`])],
    [1, () => `${name} += ${random.between(2, 3)}`],
    [0.3, () => `${name} += 0.5`.replace('0.5', String(random.pick([1.5, 2.5])))],
  ])
  const relation = random.chance(0.85) ? '<' : random.chance(0.7) ? '<=' : '!=='
  if (relation === '!==' && !(/^\d+$/.test(bound) && /\+\+|= 1$/.test(step)))
    return body(`for (let ${name} = 0; ${name} < ${bound}; ${step})`, nested(inside, { depth: inside.depth }))
  const from = relation !== '!==' && random.chance(0.2) ? String(random.between(-2, 3)) : '0'
  const skip = random.chance(0.06) && relation !== '!==' ? [`if (${bool(inside, 3)}) ${name}++`] : []
  const keyword = random.chance(0.15) ? 'var' : 'let'
  return body(`for (${keyword} ${name} = ${from}; ${name} ${relation} ${bound}; ${step})`, [
    ...skip,
    ...nested(inside, { depth: inside.depth }),
  ])
}

function overArray(c: Context, nested: Nested, label: string, room: number): string[] | undefined {
  const { random } = c
  const length = lengthOf(c)
  if (length === undefined || room < 10) return undefined
  const inside = inLoop(c, label, 10, { fixedLists: true })
  const name = declareVariable(inside, fresh(c, 'i'), { k: 'int' }, false)
  const head = random.choose([
    [5, () => `for (let ${name} = 0; ${name} < ${length}; ${name}++)`],
    [1, () => `for (let ${name} = 1; ${name} < ${length}; ${name}++)`],
    [1, () => `for (let ${name} = 0, m = ${length}; ${name} < m; ++${name})`],
    [1, () => `for (let ${name} = 0; ${name} < ${length} - 1; ${name} += ${random.between(1, 2)})`],
    [1, () => `for (let ${name} = ${length} - 1; ${name} >= 0; ${name}--)`],
  ])
  return body(head, nested(inside, { depth: inside.depth }))
}

/** `for (…) a[i] = f(a[i], b[i])` and sums: what becomes vector code. */
function elementwise(c: Context, room: number): string[] | undefined {
  const { random } = c
  const arrays = visible(c, 'typed')
  if (arrays.length === 0 || room < 10) return undefined
  const inside = inLoop(c, '', 10, { fixedLists: true })
  const name = declareVariable(inside, fresh(c, 'i'), { k: 'int' }, false)
  const [target, source] = [random.pick(arrays), random.pick(arrays)]
  const at = random.chance(0.8) ? name : `${name} + ${random.between(-1, 2)}`
  for (const read of [`${target.name}[${name}]`, `${source.name}[${name}]`, `${source.name}[${at}]`])
    inside.variables.push({ name: read, kind: { k: 'num' }, mutable: false })
  const value = num(
    { ...inside, variables: inside.variables.filter(({ name, kind }) => /\[/.test(name) || kind.k === 'num') },
    2,
  )
  const bound = random.pick([`${target.name}.length`, `${source.name}.length`, String(random.between(4, 12))])
  const sums = assignable(c, 'num')
  const line =
    sums.length > 0 && random.chance(0.35)
      ? `${random.pick(sums).name} += ${value}`
      : `${target.name}[${random.chance(0.85) ? name : at}] ${random.pick(['=', '=', '=', '+=', '-=', '*='])} ${value}`
  return body(`for (let ${name} = 0; ${name} < ${bound}; ${name}++)`, [line])
}

/** A second index that goes along: `out[at++] = x[i]`, also through a nest, and where it ends. */
function running(c: Context, room: number): string[] | undefined {
  const { random } = c
  const arrays = visible(c, 'typed')
  if (arrays.length === 0 || room < 50) return undefined
  const at = declareVariable(c, fresh(c, 'at'), { k: 'num' }, false)
  const inside = inLoop(c, '', 10, { fixedLists: true })
  const name = declareVariable(inside, fresh(c, 'i'), { k: 'int' }, false)
  const [target, source] = [random.pick(arrays).name, random.pick(arrays).name]
  inside.variables.push({ name: `${source}[${name}]`, kind: { k: 'num' }, mutable: false })
  const value = num(inside, 2)
  const use = random.choose([
    [3, () => [`${target}[${at}++] = ${value}`]],
    [1, () => [`${target}[${at}] = ${value}`, `${at} += ${random.pick(['2', '-1', '3', '0.5', '1e9'])}`]],
    [1, () => [`${target}[${at}++] = ${value}`, `${target}[${at}++] = ${at}`]],
    [1, () => [`${at} = (${at} + ${random.pick(['1', '2', '2147483647'])}) | 0`, `${target}[${at}] = ${value}`]],
    [0.7, () => [`if (${bool(inside, 2)}) ${random.pick(['break', 'continue'])}`, `${target}[${at}++] = ${value}`]],
  ])
  const lines = random.chance(0.3)
    ? body(`for (let k${at} = 0; k${at} < ${random.pick(['3', name, `${source}.length & 3`])}; k${at}++)`, use ?? [])
    : (use ?? [])
  const bound = random.pick([`${target}.length`, `${source}.length`, String(random.between(4, 9))])
  const step = random.pick([`${name}++`, `${name}++`, `${name} += 2`])
  const from = random.pick(['0', '0', '1', '-1', '-0', '0.5', num(c, 1)])
  return [
    `let ${at} = ${from}`,
    ...body(`for (let ${name} = ${random.pick(['0', '0', '1', '-3'])}; ${name} < ${bound}; ${step})`, lines),
  ]
}

/** The least or greatest so far, and where it was. */
function least(c: Context, room: number): string[] | undefined {
  const { random } = c
  const arrays = visible(c, 'typed')
  if (arrays.length === 0 || room < 10) return undefined
  const best = declareVariable(c, fresh(c, 'best'), { k: 'num' }, false)
  const at = declareVariable(c, fresh(c, 'at'), { k: 'num' }, false)
  const inside = inLoop(c, '', 10, { fixedLists: true })
  const name = declareVariable(inside, fresh(c, 'i'), { k: 'int' }, false)
  const array = random.pick(arrays).name
  inside.variables.push({ name: `${array}[${name}]`, kind: { k: 'num' }, mutable: false })
  const value = random.chance(0.6) ? `${array}[${name}]` : num(inside, 2)
  const relation = random.pick(['<', '>', '<=', '>=', '!=='])
  const other = random.pick(['', ` else if (${at} < ${name}) ${at}++`, ` else if (v${at} === 0) ${at} = -1`])
  return [
    `let ${best} = ${random.pick(['Infinity', '0', '-0', `${array}[0]`, num(c, 1)])}, ${at} = ${random.pick(['-1', '0'])}`,
    ...body(`for (let ${name} = ${random.pick(['0', '1'])}; ${name} < ${array}.length; ${name}++)`, [
      `const v${at} = ${value}`,
      `if (v${at} ${relation} ${best}) { ${best} = v${at}; ${at} = ${name} }${other}`,
    ]),
  ]
}

function forOf(c: Context, nested: Nested, label: string, room: number): string[] | undefined {
  const arrays = visible(c, 'typed', 'list')
  if (arrays.length === 0 || room < 10) return undefined
  const inside = inLoop(c, label, 10, { fixedLists: true })
  const array = c.random.pick(arrays).name
  const name = declareVariable(inside, fresh(c, 'e'), { k: 'num' }, false)
  return body(`for (const ${name} of ${array})`, nested(inside, { depth: inside.depth }))
}

/** `for (const p of points)`, `for (const { x, y } of points)`, and the best of them in a variable. */
function overRecords(c: Context, nested: Nested, label: string, room: number): string[] | undefined {
  const arrays = visible(c, 'records')
  if (arrays.length === 0 || room < 6) return undefined
  const inside = inLoop(c, label, 6)
  const array = c.random.pick(arrays).name
  if (c.random.chance(0.4)) {
    const [x, y] = [
      declareVariable(inside, fresh(c, 'x'), { k: 'num' }, false),
      declareVariable(inside, fresh(c, 'y'), { k: 'num' }, false),
    ]
    return body(`for (const { x: ${x}, y: ${y} } of ${array})`, nested(inside, { depth: inside.depth }))
  }
  const best = declareVariable(c, fresh(c, 'r'), { k: 'record' }, false)
  inside.variables.push({ name: best, kind: { k: 'record' }, mutable: false })
  const name = declareVariable(inside, fresh(c, 'r'), { k: 'record' }, false)
  const lines = [...nested(inside, { depth: inside.depth }), `if (${bool(inside, 2)}) ${best} = ${name}`]
  return [`let ${best} = ${array}[0]`, ...body(`for (const ${name} of ${array})`, lines)]
}

function whileLoop(c: Context, nested: Nested, label: string, room: number): string[] {
  const { random } = c
  const most = random.between(1, Math.min(room, 8))
  const name = fresh(c, 'w')
  const test = random.choose([
    [2, () => `${name}++ < ${most} && ${bool(c, 2)}`],
    [1, () => `${bool(c, 2)} && ${name}++ < ${most}`],
    [1, () => `++${name} <= ${most}`],
  ])
  const inside = inLoop(c, label, most)
  declareVariable(inside, name, { k: 'int' }, false)
  return [`let ${name} = 0`, ...body(`while (${test})`, nested(inside, { depth: inside.depth }))]
}

function doWhile(c: Context, nested: Nested, label: string, room: number): string[] {
  const { random } = c
  const most = random.between(1, Math.min(room - 1, 6))
  const name = fresh(c, 'w')
  const inside = inLoop(c, label, most + 1)
  declareVariable(inside, name, { k: 'int' }, false)
  const lines = nested(inside, { depth: inside.depth })
  const also = random.chance(0.5) ? ` && ${bool(c, 2)}` : ''
  return [`let ${name} = 0`, ...body('do', lines, ` while (++${name} < ${most}${also})`)]
}

function endless(c: Context, nested: Nested, label: string, room: number): string[] {
  const most = c.random.between(1, Math.min(room, 7))
  const name = fresh(c, 'w')
  const inside = inLoop(c, label, most)
  declareVariable(inside, name, { k: 'int' }, false)
  const head = c.random.pick(['for (;;)', 'while (true)'])
  return [
    `let ${name} = 0`,
    ...body(head, [`if (${name}++ >= ${most}) break`, ...nested(inside, { depth: inside.depth })]),
  ]
}

function downwards(c: Context, nested: Nested, label: string, room: number): string[] {
  const most = c.random.between(1, Math.min(room, 8))
  const inside = inLoop(c, label, most + 1)
  const name = declareVariable(inside, fresh(c, 'i'), { k: 'int' }, false)
  const head = c.random.pick([
    `for (let ${name} = ${most}; ${name} > 0; ${name}--)`,
    `for (let ${name} = ${most}; ${name}--; )`,
    `for (let ${name} = ${most}; --${name} >= 0; )`,
  ])
  return body(head, nested(inside, { depth: inside.depth }))
}

/** `if (…) break`, `continue outer`, … where it stands in a loop or a labelled block. */
export function jump(c: Context): string[] | undefined {
  const { random } = c
  const labels = c.loops.filter(label => label !== '')
  const forms: string[] = []
  if (c.loops.length > 0 && (c.mayBreak || c.inSwitch)) forms.push('break')
  if (c.loops.length > 0) forms.push('continue')
  for (const label of labels) forms.push(`break ${label}`, `continue ${label}`)
  for (const label of c.blocks) forms.push(`break ${label}`)
  if (forms.length === 0) return undefined
  return [`if (${bool(c, 2)}) ${random.pick(forms)}`]
}

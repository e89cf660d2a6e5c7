import type { Random } from './random.ts'

/**
 * Random JavaScript in the style of numeric kernels: nested loops, index arithmetic, integer tricks. Each program is
 * `function kernel(a, b, d, e, n, m)` over a Float64Array, an Int32Array, a Uint8Array and a Float32Array.
 */
interface Gen {
  readonly rng: Random
  /** Loop variables in scope. */
  readonly counters: string[]
  readonly labels: string[]
  depth: number
  names: number
}

export function randomKernel(rng: Random): string {
  const gen: Gen = { rng, counters: [], labels: [], depth: 0, names: 0 }
  const body = [
    'let s = 0, c = 0, h = 5, q = 1.5',
    ...statements(gen, 1 + rng.int(2)),
    loop(gen),
    ...statements(gen, rng.int(2)),
    ...(rng.chance(2) ? [loop(gen)] : []),
    `return ${rng.pick(['s', 'c', 'h', 's + c', 'h >>> 0', 's + h + c + q', 'c | 0'])}`,
  ]
  return `function kernel(a, b, d, e, n, m) {\n${body.join('\n')}\n}`
}

const statements = (gen: Gen, count: number): string[] => Array.from({ length: count }, () => statement(gen))

function statement(gen: Gen): string {
  const { rng } = gen
  switch (rng.int(15)) {
    case 0:
    case 1:
      return `s ${rng.pick(['+=', '-=', '='])} ${number(gen, 2)}`
    case 2:
    case 3:
      return `${rng.pick(['a', 'e'])}[${index(gen)}] = ${number(gen, 2)}`
    case 4:
      return `${rng.pick(['b', 'd'])}[${index(gen)}] ${rng.pick(['=', '+=', '^='])} ${number(gen, 2)}`
    case 5:
      return rng.pick([
        'c++',
        'c += 2',
        'c--',
        `c = ${integer(gen, 1)}`,
        'h++',
        `a[c++] = ${number(gen, 1)}`,
        'c += d[c & 7]',
      ])
    case 6:
      return rng.pick([
        `h = (h * 31 + ${integer(gen, 1)}) | 0`,
        `h = (h * 16807) % 2147483647`,
        `h = (h ^ ${integer(gen, 1)}) >>> 0`,
        `h = ((h << 5) - h + ${integer(gen, 1)}) | 0`,
        `h = h ^ (h << 13)`,
        `h = Math.imul(h, 16777619) ^ ${integer(gen, 1)}`,
        `h = h % 7`,
        `h = (h + ${integer(gen, 1)}) % 1000`,
      ])
    case 7:
      return `q = ${number(gen, 2)}`
    case 8:
    case 9:
      return `if (${test(gen)}) { ${nested(gen)} }${rng.chance(3) ? ` else { ${nested(gen)} }` : ''}`
    case 10:
      return gen.labels.length > 0 ? `if (${test(gen)}) ${jump(gen)}` : `s += ${number(gen, 1)}`
    case 11: {
      const name = `t${gen.names++}`
      const value = rng.chance(2) ? integer(gen, 2) : number(gen, 2)
      return `{ const ${name} = ${value}; ${rng.pick(['a', 'b', 'd'])}[${index(gen)}] = ${name} + ${name} * ${integer(gen, 1)}; s += ${name} }`
    }
    case 12: {
      const name = `p${gen.names++}`
      return `{ const ${name} = ${index(gen)}; a[${name}] = a[${name} + 1] + a[${name} - 1] - ${name} }`
    }
    default:
      return gen.depth < 3 ? loop(gen) : `s += ${number(gen, 2)}`
  }
}

function nested(gen: Gen): string {
  gen.depth++
  const made = statements(gen, 1 + gen.rng.int(2)).join('; ')
  gen.depth--
  return made
}

function jump(gen: Gen): string {
  const label = gen.rng.pick(gen.labels)
  return gen.rng.pick(['break', 'continue', `break ${label}`, `continue ${label}`])
}

function loop(gen: Gen): string {
  const { rng } = gen
  const name = `i${gen.names++}`
  const label = `L${gen.names++}`
  const head = loopHead(gen, name)
  gen.counters.push(name)
  gen.labels.push(label)
  gen.depth++
  const extra = rng.chance(12) ? [`${name}${rng.pick(['++', ' += 2'])}`] : []
  const body = [...statements(gen, 1 + rng.int(3)), ...extra].join('\n')
  gen.depth--
  gen.labels.pop()
  gen.counters.pop()
  if (rng.chance(8)) {
    return `{ let ${name} = ${rng.pick(['0', '1', 'm'])}; ${label}: while (${name} < ${bound(gen)}${rng.chance(3) ? ' && s < 1e6' : ''}) {\n${name}++\n${body}\n} s += ${name} }`
  }
  return `${label}: for (${head}) {\n${body}\n}`
}

function loopHead(gen: Gen, name: string): string {
  const { rng } = gen
  switch (rng.int(9)) {
    case 0:
      return `let ${name} = ${bound(gen)} - 1; ${name} >= ${rng.pick(['0', '1'])}; ${name}--`
    case 1:
      return `let ${name} = ${rng.pick(['a.length', 'n', '6'])}; ${name} > 0; ${name}--`
    case 2:
      return `let ${name} = ${rng.pick(['0', '1'])}; ${name} < ${bound(gen)}; ${name} += ${rng.pick(['2', '3', '4'])}`
    case 3:
      return `let ${name} = ${rng.pick(['0', '-1', '1', 'm'])}; ${name} <= ${bound(gen)}; ${name}++`
    case 4: {
      const outer = gen.counters.at(-1) ?? '0'
      return `let ${name} = ${outer} + 1; ${name} < ${bound(gen)}; ${name}++`
    }
    case 5:
      return `let ${name} = 0; ${name} !== ${rng.pick(['a.length', 'n', '5'])}; ${name}++`
    default:
      return `let ${name} = 0; ${name} < ${bound(gen)}; ${name}++`
  }
}

const bound = ({ rng, counters }: Gen): string =>
  rng.pick([
    'a.length',
    'b.length',
    'd.length',
    'n',
    'n',
    'm',
    'n - 1',
    'a.length - 1',
    '5',
    '3',
    'n * m',
    counters.at(-1) ?? '4',
    'n / 2',
  ])

function index(gen: Gen): string {
  const { rng } = gen
  const i = gen.counters.at(-1) ?? '2'
  const j = gen.counters.length > 0 ? rng.pick(gen.counters) : '1'
  return rng.pick([
    i,
    i,
    `${i} + 1`,
    `${i} - 1`,
    `${j} * n + ${i}`,
    `${j} * 4 + ${i}`,
    `${i} * 2 + 1`,
    `n - 1 - ${i}`,
    `a.length - 1 - ${i}`,
    `${i} & 7`,
    `d[${i}]`,
    `d[${i}] & 3`,
    `(${i} + ${j}) >> 1`,
    `(${j} * m + ${i}) * n + ${j}`,
    `${i} % 5`,
    `b[${i}]`,
    'c',
    '0',
    '3',
    `${i} / 2`,
    'm',
    integer(gen, 1),
  ])
}

function integer(gen: Gen, depth: number): string {
  const { rng } = gen
  const i = gen.counters.length > 0 ? rng.pick(gen.counters) : '3'
  if (depth === 0) return rng.pick([i, i, 'c', '1', '7', '255', '-3', '2147483647', 'n', 'h'])
  const a = integer(gen, depth - 1)
  const b = integer(gen, depth - 1)
  return rng.pick([
    `(${a} + ${b})`,
    `(${a} - ${b})`,
    `(${a} * ${b})`,
    `((${a} * ${b}) | 0)`,
    `((${a} + ${b}) | 0)`,
    `(${a} & ${b})`,
    `(${a} >>> ${rng.pick(['0', '1', '8'])})`,
    `(${a} >> 2)`,
    `(${a} % ${rng.pick(['7', '-4', '256', b])})`,
    `((${a} / ${rng.pick(['2', '3', b])}) | 0)`,
    `Math.floor(${a} / ${rng.pick(['2', '4', '10'])})`,
    `Math.${rng.pick(['min', 'max'])}(${a}, ${b})`,
    `Math.abs(${a})`,
    `(-${a})`,
    `(${test(gen)} ? ${a} : ${b})`,
    `d[${i}]`,
    `b[${i} & 3]`,
    `(b[${i}] | 0)`,
    `Math.round(${a} / 4)`,
    `Math.trunc(${a} / 3)`,
    a,
  ])
}

function number(gen: Gen, depth: number): string {
  const { rng } = gen
  if (depth === 0)
    return rng.pick(['s', 'q', '0.5', '-0', '1e9', integer(gen, 0), `a[${index(gen)}]`, `e[${index(gen)}]`])
  const a = number(gen, depth - 1)
  const b = number(gen, depth - 1)
  return rng.pick([
    `(${a} + ${b})`,
    `(${a} - ${b})`,
    `(${a} * ${b})`,
    `(${a} / ${rng.pick(['2', '3', b])})`,
    `1 / ${integer(gen, 1)}`,
    `Math.sqrt(${a})`,
    `(${test(gen)} ? ${a} : ${b})`,
    `a[${index(gen)}]`,
    `e[${index(gen)}]`,
    integer(gen, 2),
    integer(gen, 1),
    a,
  ])
}

function test(gen: Gen): string {
  const { rng } = gen
  const i = gen.counters.length > 0 ? rng.pick(gen.counters) : 'c'
  return rng.pick([
    `${i} > 0`,
    `${i} < n - 1`,
    `${i} >= 1 && ${i} < ${bound(gen)} - 1`,
    `${i} % 2 === 0`,
    `(${i} & 1) !== 0`,
    `a[${i}] > q`,
    'c < 3',
    's > 100',
    'h > c',
    `${i} !== 2`,
    'q === q',
    `b[${i} & 1] < ${i}`,
  ])
}

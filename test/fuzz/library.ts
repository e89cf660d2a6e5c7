import { int, num } from './expressions.ts'
import { type Context, declareVariable, fresh, visible } from './scope.ts'
import type { TypedName } from './values.ts'

/** Statements that call the kernel library (src/kernels), over arrays of the program and parts of them. */

const FLOATS: readonly TypedName[] = ['Float64Array', 'Float32Array']
const ARITHMETIC: readonly TypedName[] = [...FLOATS, 'Int32Array']

interface Given {
  readonly name: string
  readonly type: TypedName
}

function arrayOf(c: Context, types?: readonly TypedName[]): Given | undefined {
  const found = visible(c, 'typed').filter(({ kind }) => types === undefined || types.includes(kind.type))
  if (found.length === 0) return undefined
  const { name, kind } = c.random.pick(found)
  return { name, type: kind.type }
}

/** All of an array, or some of it. */
function part(c: Context, { name }: Given): string {
  const { random } = c
  return random.choose([
    [5, () => name],
    [2, () => `${name}.subarray(${random.between(0, 2)})`],
    [2, () => `${name}.subarray(0, ${int(c, 2)} & 3)`],
  ])
}

export function libraryStatement(c: Context): string[] | undefined {
  return c.random.choose([
    [2, () => reduced(c)],
    [2, () => reducedTwo(c)],
    [2, () => inPlace(c)],
    [1.5, () => combined(c)],
    [0.7, () => made(c)],
    [0.7, () => overlapping(c)],
    [0.5, () => misfit(c)],
  ])
}

const declared = (c: Context, value: string): string[] => [
  `let ${declareVariable(c, fresh(c, 'v'), { k: 'num' })} = ${value}`,
]

function reduced(c: Context): string[] | undefined {
  const { random } = c
  const any = arrayOf(c)
  const float = arrayOf(c, FLOATS)
  if (!any) return undefined
  const x = part(c, any)
  return declared(
    c,
    random.choose([
      [3, () => `kernels.${random.pick(['min', 'max', 'min', 'max', 'argmin', 'argmax'])}(${x})`],
      [1, () => `kernels.${random.pick(['crc32', 'adler32'])}(${x})`],
      [1, () => `kernels.${random.pick(['sum', 'mean'])}(${x})`],
      [
        2,
        () => (float ? `kernels.norm(${part(c, float)}${random.pick(['', ', 1', ', Infinity'])})` : `${any.name}[0]`),
      ],
      [2, () => (float ? `kernels.variance(${float.name}, ${num(c, 2)} % 9)` : `${any.name}[1]`)],
    ]),
  )
}

/** Most pairs have one length; where they have not, the library throws. */
function reducedTwo(c: Context): string[] | undefined {
  const { random } = c
  const x = arrayOf(c)
  const y = x && arrayOf(c, [x.type])
  if (!x || !y) return undefined
  const kernel = random.pick(['dot', 'euclidean', 'manhattan', 'hamming', 'hamming', 'cosine'])
  const call = (a: string, b: string): string => `kernels.${kernel}(${a}, ${b})`
  if (random.chance(0.15)) return declared(c, call(x.name, y.name))
  if (random.chance(0.4)) return declared(c, call(`${x.name}.subarray(0, 2)`, `${y.name}.subarray(0, 2)`))
  return declared(c, `${x.name}.length === ${y.name}.length ? ${call(x.name, y.name)} : ${num(c, 3)}`)
}

function inPlace(c: Context): string[] | undefined {
  const { random } = c
  const x = arrayOf(c, ARITHMETIC)
  if (!x) return undefined
  const a = random.chance(0.2) ? `${x.name}[${int(c, 2)}]` : num(c, 1)
  return [
    random.choose([
      [2, () => `kernels.${random.pick(['add', 'sub', 'mul'])}(${x.name}, ${a}, ${x.name})`],
      [1, () => `kernels.scale(${a}, ${x.name}, ${x.name})`],
      [1, () => `kernels.cumsum(${x.name}, ${x.name})`],
      [1.5, () => `kernels.clamp(${x.name}, ${random.between(-9, 3)}, ${num(c, 2)}, ${x.name})`],
    ]),
  ]
}

function combined(c: Context): string[] | undefined {
  const { random } = c
  const x = arrayOf(c, FLOATS)
  const y = x && arrayOf(c, [x.type])
  const out = x && arrayOf(c, [x.type])
  if (!x || !y || !out) return undefined
  const call = random.pick([
    `kernels.axpy(${num(c, 1)}, ${x.name}, ${y.name}, ${out.name})`,
    `kernels.${random.pick(['add', 'sub', 'mul', 'div'])}(${x.name}, ${y.name}, ${out.name})`,
  ])
  if (random.chance(0.1)) return [call]
  return [`if (${x.name}.length === ${y.name}.length && ${y.name}.length === ${out.name}.length) ${call}`]
}

/** New arrays cost memory at every round. */
function made(c: Context): string[] | undefined {
  const x = c.weight > 60 ? undefined : arrayOf(c, ARITHMETIC)
  if (!x) return undefined
  const value = c.random.pick([`kernels.mul(${part(c, x)}, ${x.name}[0])`, `kernels.cumsum(${part(c, x)})`])
  return [`const ${declareVariable(c, fresh(c, 'a'), { k: 'typed', type: x.type }, false)} = ${value}`]
}

/** The output is the input shifted by one element: refused, unless there is no more than one. */
function overlapping(c: Context): string[] | undefined {
  const x = arrayOf(c, ARITHMETIC)
  if (!x) return undefined
  const { name } = x
  const call = `kernels.add(${name}.subarray(1), ${num(c, 2)}, ${name}.subarray(0, ${name}.length - 1))`
  return c.random.chance(0.3) ? [call] : [`if (${name}.length === 2) ${call}`]
}

/** The output is of any length: where it is not that of the input, the library throws. */
function misfit(c: Context): string[] | undefined {
  const x = arrayOf(c, ARITHMETIC)
  const out = x && arrayOf(c, [x.type])
  return out && [`kernels.scale(${num(c, 2)}, ${part(c, x)}, ${out.name})`]
}

import { bool, num } from './expressions.ts'
import { Random } from './random.ts'
import { BUDGET, type Context, declareVariable, fresh, type VariableKind, visible } from './scope.ts'
import { block, braces, nested, resultText } from './statements.ts'
import { type Aliasing, argumentsText, type ParamKind, TYPED_NAMES, valueText } from './values.ts'

/** A generated program: source text that gives its functions, and the texts of the arguments of some calls. */
export interface Sample {
  /** an expression: `() => { …; return { kernel, functions, values } }` */
  readonly source: string
  /** expressions: `{ self, args }` */
  readonly calls: readonly string[]
  readonly speculateIntegers: boolean
  readonly tier: 'scalar' | 'simd'
}

/** Programs that call the kernel library; drawn apart, so that all others are what they would be without. */
const LIBRARY = 0.15

export function generate(seed: number, index: number, library = new Random(index, seed).chance(LIBRARY)): Sample {
  const random = new Random(seed, index)
  const c = topLevel(random, library)
  const captured = captures(c)
  const helpers = Array.from({ length: random.pick([0, 0, 0, 1, 1, 2]) }, () => helper(c))
  const params = parameters(random)
  const isMethod = random.chance(0.06)
  const kernel = kernelText(c, params, isMethod)
  const names = visible(c, 'fn').map(({ name }) => name)
  const values = captured.map(({ name }) => name)
  const source = [
    '() => {',
    ...[...captured.map(({ text }) => text), ...helpers.flat(), ...kernel].map(line => `  ${line}`),
    `  return { kernel, functions: { ${names.join(', ')} }, values: { ${values.join(', ')} } }`,
    '}',
  ].join('\n')
  return {
    source,
    calls: calls(random, params, isMethod),
    speculateIntegers: random.chance(0.7),
    tier: random.chance(0.35) ? 'simd' : 'scalar',
  }
}

function topLevel(random: Random, library: boolean): Context {
  return {
    random,
    variables: [],
    weight: 1,
    loops: [],
    blocks: [],
    inSwitch: false,
    mayBreak: false,
    fixedLists: false,
    returns: undefined,
    depth: 0,
    names: { next: 0 },
    // most defects need little code, some need much
    expressionDepth: random.pick([1, 2, 2, 2, 3, 4]),
    library,
    frame: { weight: 1, cost: 0 },
  }
}

/** Constants and arrays around the functions. */
function captures(c: Context): { name: string; text: string }[] {
  const { random } = c
  return Array.from({ length: random.pick([0, 0, 0, 1, 1, 2]) }, () => {
    const kind = random.choose<ParamKind>([
      [3, () => ({ k: 'num' })],
      [1, () => ({ k: 'bool' })],
      [2, () => ({ k: 'typed', type: random.pick(TYPED_NAMES) })],
      [0.5, () => ({ k: 'list' })],
      [0.3, () => ({ k: 'records' })],
    ])
    const name = fresh(c, 'c')
    const text = `const ${name} = ${valueText(random, kind).replace(/^detached\((.*)\)$/, '$1')}`
    declareVariable(c, name, variableKind(kind), false)
    return { name, text }
  })
}

const variableKind = (kind: ParamKind): VariableKind =>
  kind.k === 'count' ? { k: 'int' } : kind.k === 'object' ? { ...kind, live: true } : kind

const HELPER_COST = 25

function helper(c: Context): string[] {
  const { random } = c
  if (random.chance(0.2)) return recursive(c)
  const params = Array.from(
    { length: random.between(1, 3) },
    (): ParamKind =>
      random.choose<ParamKind>([
        [5, () => ({ k: 'num' })],
        [1, () => ({ k: 'bool' })],
        [1, () => ({ k: 'typed', type: random.pick(TYPED_NAMES) })],
      ]),
  )
  const returns = random.chance(0.85) ? 'num' : 'bool'
  const inside: Context = {
    ...c,
    variables: [...c.variables],
    weight: BUDGET / HELPER_COST,
    frame: { weight: BUDGET / HELPER_COST, cost: HELPER_COST },
    returns,
    depth: 1,
    fixedLists: true,
  }
  const names = params.map(param => declareVariable(inside, fresh(c, 'p'), variableKind(param)))
  const lines = random.chance(0.4) ? [] : nested(inside)
  const name = fresh(c, 'h')
  const head = `(${names.map((one, i) => (i > 0 && params[i]!.k === 'num' && random.chance(0.1) ? `${one} = ${num(c, 3)}` : one)).join(', ')})`
  const result = returns === 'num' ? num(inside, 1) : bool(inside, 1)
  declareVariable(c, name, { k: 'fn', params, returns, cost: inside.frame.cost }, false)
  if (lines.length === 0 && random.chance(0.7)) return [`const ${name} = ${head} => ${result}`]
  return braces(`function ${name}${head}`, [...lines, `return ${result}`])
}

/** Recursion that ends: the first argument counts down from at most 7. */
function recursive(c: Context): string[] {
  const { random } = c
  const name = fresh(c, 'h')
  const [n, x] = [fresh(c, 'p'), fresh(c, 'p')]
  const inside: Context = {
    ...c,
    variables: [...c.variables],
    weight: BUDGET / 7,
    frame: { weight: BUDGET / 7, cost: 10 },
    returns: 'num',
    depth: 3,
  }
  declareVariable(inside, n, { k: 'int' }, false)
  declareVariable(inside, x, { k: 'num' })
  const next = num(inside, 2)
  const call = `${name}(${n} - 1, ${next})`
  const result = random.pick([call, `${num(inside, 2)} + ${call}`, `${call} * 0.5 - ${x}`])
  declareVariable(
    c,
    name,
    { k: 'fn', params: [{ k: 'count' }, { k: 'num' }], returns: 'num', cost: 7 * inside.frame.cost },
    false,
  )
  return braces(`function ${name}(${n}, ${x})`, [`if (!(${n} > 0)) return ${num(inside, 2)}`, `return ${result}`])
}

interface Parameter {
  readonly kind: ParamKind
  /** may be left out */
  readonly optional: boolean
}

function parameters(random: Random): Parameter[] {
  return Array.from({ length: random.between(1, 4) }, (_, i) => {
    const kind = random.choose<ParamKind>([
      [5, () => ({ k: 'num' })],
      [1.5, () => ({ k: 'count' })],
      [0.7, () => ({ k: 'bool' })],
      [4, () => ({ k: 'typed', type: random.chance(0.5) ? 'Float64Array' : random.pick(TYPED_NAMES) })],
      [1, () => ({ k: 'list' })],
      [0.7, () => ({ k: 'records' })],
      [0.8, () => objectKind(random)],
    ])
    return { kind, optional: kind.k === 'num' && i > 0 && random.chance(0.12) }
  })
}

function objectKind(random: Random): ParamKind {
  const fields: Record<string, ParamKind> = { x: { k: 'num' }, y: { k: 'num' } }
  if (random.chance(0.3)) fields.n = { k: 'count' }
  if (random.chance(0.3)) fields.data = { k: 'typed', type: random.pick(TYPED_NAMES) }
  if (random.chance(0.2)) fields.on = { k: 'bool' }
  return { k: 'object', fields }
}

const SELF: ParamKind = {
  k: 'object',
  fields: { x: { k: 'num' }, y: { k: 'num' }, data: { k: 'typed', type: 'Float64Array' } },
}

function kernelText(c: Context, params: readonly Parameter[], isMethod: boolean): string[] {
  const { random } = c
  const inside: Context = { ...c, variables: [...c.variables], returns: 'any' }
  const names = params.map(({ kind, optional }) => {
    const name = kind.k === 'count' ? fresh(c, 'n') : fresh(c, 'p')
    declareVariable(inside, name, optional ? { k: 'maybe' } : variableKind(kind), kind.k === 'num' || kind.k === 'bool')
    return name
  })
  if (isMethod) declareVariable(inside, 'this', variableKind(SELF), false)
  const heads = names.map((name, i) => {
    if (!params[i]!.optional || random.chance(0.3)) return name
    declareVariable(inside, name, { k: 'num' })
    return `${name} = ${num({ ...inside, variables: [] }, 3)}`
  })
  const lines = block(inside, random.pick([1, 1, 1, 1, 2, 2, 3, 5]))
  const result = random.chance(0.9) ? [`return ${resultText(inside)}`.replace(/^return \{/, 'return {')] : []
  const isArrow = !isMethod && random.chance(0.4)
  if (isArrow) return braces(`const kernel = (${heads.join(', ')}) =>`, [...lines, ...result])
  return braces(`function kernel(${heads.join(', ')})`, [...lines, ...result])
}

const CALLS = 3

/** Three calls of one profile: only values, lengths and contents differ. */
function calls(random: Random, params: readonly Parameter[], isMethod: boolean): string[] {
  const aliasing: Aliasing = random.chance(0.75) ? 'none' : random.pick(['identical', 'overlap'] as const)
  const omitted = params.findIndex(({ optional }) => optional)
  const count = omitted > 0 && random.chance(0.5) ? omitted : params.length
  const kinds = params.slice(0, count).map(({ kind }) => kind)
  return Array.from({ length: CALLS }, () => {
    const self = isMethod ? valueText(random, SELF).replace(/detached\((.*?)\) \}/, '$1 }') : 'undefined'
    return `{ self: ${self}, args: ${argumentsText(random, kinds, aliasing)} }`
  })
}

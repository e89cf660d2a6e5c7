import { bool, num } from './expressions.ts'
import { BUDGET, type Context, declareVariable, fresh, inner, type VariableKind } from './scope.ts'
import type { ParamKind } from './values.ts'

type Nested = (c: Context, change?: Partial<Context>) => string[]

const kindOf = (param: ParamKind): VariableKind =>
  param.k === 'count' ? { k: 'int' } : param.k === 'object' ? { ...param, live: false } : param

/** A function inside the kernel: it may read and write the variables around it. */
export function localFunction(c: Context, nested: Nested): string[] {
  const { random } = c
  const returns = random.chance(0.8) ? 'num' : 'bool'
  const params: ParamKind[] = Array.from({ length: random.between(0, 3) }, () =>
    random.chance(0.8) ? { k: 'num' } : { k: 'bool' },
  )
  const weight = Math.max(c.weight, BUDGET / 20)
  const frame = { weight, cost: 20 }
  const inside = inner(c, {
    weight,
    frame,
    loops: [],
    blocks: [],
    mayBreak: false,
    inSwitch: false,
    fixedLists: true,
    returns,
    depth: c.depth + 2,
  })
  const names = params.map(param => declareVariable(inside, fresh(c, 'p'), kindOf(param)))
  const result = (): string => (returns === 'num' ? num(inside, 1) : bool(inside, 1))
  const name = fresh(c, 'f')
  const lines =
    random.chance(0.4) || c.depth > 2
      ? [`const ${name} = (${names.join(', ')}) => ${result()}`]
      : [
          random.chance(0.5) ? `const ${name} = (${names.join(', ')}) => {` : `function ${name}(${names.join(', ')}) {`,
          ...nested(inside, { depth: inside.depth }).map(line => `  ${line}`),
          `  return ${result()}`,
          '}',
        ]
  declareVariable(c, name, { k: 'fn', params, returns, cost: frame.cost }, false)
  return lines
}

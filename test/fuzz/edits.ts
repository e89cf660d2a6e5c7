import type { AnyNode } from '../../compiler/source/ast.ts'
import { parseProgram } from '../../compiler/source/parse.ts'
import { children, walk } from '../../compiler/source/walk.ts'

/** Ways to make a text of JavaScript smaller, the large steps first. Some of them do not parse: try and see. */
export function smaller(expression: string): string[] {
  const before = '('
  const text = `${before}${expression})`
  const program = parseProgram(text)
  if (!program) return []
  const edits: Edit[] = []
  walk(program as AnyNode, node => {
    edits.push(...editsOf(node, text))
    return undefined
  })
  edits.sort((a, b) => saved(b) - saved(a))
  return edits.map(({ start, end, to }) => text.slice(before.length, start) + to + text.slice(end, -1))
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly to: string
}
const saved = ({ start, end, to }: Edit): number => end - start - to.length

function editsOf(node: AnyNode, text: string): Edit[] {
  switch (node.type) {
    case 'BlockStatement':
      return [...removals(node.body as AnyNode[]), ...halves(node.body as AnyNode[])]
    case 'SwitchCase':
      return removals(node.consequent as AnyNode[])
    case 'SwitchStatement':
      return [...removals(node.cases as unknown as AnyNode[]), ...become(node, children(node), text)]
    case 'IfStatement':
    case 'ForStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForOfStatement':
    case 'LabeledStatement':
      return [
        ...become(node, children(node).filter(isStatement), text),
        ...become(node, [], text),
        ...withoutElse(node),
      ]
    case 'VariableDeclarator':
      return node.init ? replace(node.init as AnyNode, ['0', '1']) : []
    case 'Literal':
      return typeof node.value === 'number' && String(node.value).length > 1
        ? replace(node, ['0', '1', '2', String(Math.trunc(node.value))])
        : []
    default:
      return isExpression(node) ? [...expressionEdits(node, text)] : []
  }
}

const isStatement = (node: AnyNode): boolean => /Statement$|Declaration$/.test(node.type)
const isExpression = (node: AnyNode): boolean =>
  /Expression$/.test(node.type) && node.type !== 'ArrowFunctionExpression' && node.type !== 'ParenthesizedExpression'

const replace = (node: AnyNode, texts: readonly string[]): Edit[] =>
  texts.map(to => ({ start: node.start, end: node.end, to }))

function become(node: AnyNode, parts: readonly AnyNode[], text: string): Edit[] {
  if (parts.length === 0) return replace(node, [''])
  return parts.map(part => ({ start: node.start, end: node.end, to: text.slice(part.start, part.end) }))
}

function withoutElse(node: AnyNode): Edit[] {
  return node.type === 'IfStatement' && node.alternate
    ? [{ start: node.consequent.end, end: node.alternate.end, to: '' }]
    : []
}

const removals = (list: readonly AnyNode[]): Edit[] => list.map(({ start, end }) => ({ start, end, to: '' }))

function halves(list: readonly AnyNode[]): Edit[] {
  if (list.length < 4) return []
  const middle = list[list.length >> 1]!
  return [
    { start: list[0]!.start, end: middle.start, to: '' },
    { start: middle.start, end: list.at(-1)!.end, to: '' },
  ]
}

function* expressionEdits(node: AnyNode, text: string): Generator<Edit> {
  if (node.end - node.start > 1) yield* replace(node, ['0', '1'])
  for (const child of children(node))
    if (isExpression(child) || child.type === 'Identifier' || child.type === 'Literal')
      yield* become(node, [child], text)
  if (node.type === 'CallExpression' || node.type === 'NewExpression') yield* items(node.arguments as AnyNode[])
  if (node.type === 'ArrayExpression') yield* items(node.elements as AnyNode[])
  if (node.type === 'ObjectExpression') yield* items(node.properties as AnyNode[])
}

/** A list without one of its items, and its comma. */
function items(list: readonly AnyNode[]): Edit[] {
  return list.map((item, i) => {
    const next = list[i + 1]
    const previous = list[i - 1]
    if (next) return { start: item.start, end: next.start, to: '' }
    return { start: previous ? previous.end : item.start, end: item.end, to: '' }
  })
}

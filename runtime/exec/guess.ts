import type { AnyNode, FunctionNode } from '../../compiler/source/ast.ts'
import { parsedFunction } from '../../compiler/source/parse.ts'
import { walk } from '../../compiler/source/walk.ts'

/**
 * Sample arguments for a function that nobody has called yet, from the way it uses its parameters: what is indexed or
 * has a length is an array (of `length` elements), what has other properties is an object of numbers, everything else is a number.
 */
export function guessArguments(text: string, length = SAMPLE_LENGTH): unknown[] | undefined {
  const fn = parsedFunction(text)
  return fn?.params.map(param => sampleFor(param, fn, length))
}

const SAMPLE_LENGTH = 16
const SAMPLE_NUMBER = 3

function sampleFor(param: AnyNode, fn: FunctionNode, length: number): unknown {
  const target = param.type === 'AssignmentPattern' ? param.left : param
  if (target.type !== 'Identifier') return SAMPLE_NUMBER
  const { isArray, fields } = usesOf(target.name, fn)
  if (isArray) return Float64Array.from({ length }, (_, i) => (i % 997) + 1)
  if (fields.size > 0) return Object.fromEntries([...fields].map(name => [name, SAMPLE_NUMBER]))
  return SAMPLE_NUMBER
}

const ARRAY_MEMBERS = new Set(['length', ...Object.getOwnPropertyNames(Object.getPrototypeOf(Float64Array.prototype))])

function usesOf(name: string, fn: FunctionNode): { readonly isArray: boolean; readonly fields: ReadonlySet<string> } {
  let isArray = false
  const fields = new Set<string>()
  const isIt = (node: AnyNode | null | undefined): boolean => node?.type === 'Identifier' && node.name === name
  walk(fn, node => {
    if (node.type === 'ForOfStatement' && isIt(node.right)) isArray = true
    if (node.type === 'SpreadElement' && isIt(node.argument)) isArray = true
    if (node.type !== 'MemberExpression' || !isIt(node.object)) return undefined
    if (node.computed) isArray = true
    else if (node.property.type === 'Identifier') {
      if (ARRAY_MEMBERS.has(node.property.name)) isArray = true
      else fields.add(node.property.name)
    }
    return undefined
  })
  return { isArray, fields }
}

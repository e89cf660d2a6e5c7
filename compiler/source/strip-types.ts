import { Miss } from '../../base/diagnostic.ts'
import type { AnyNode, FunctionNode } from './ast.ts'
import { fieldsOf, isNode, rewrite } from './walk.ts'

/**
 * Removes TypeScript from a tree (function text keeps its types only where nothing transpiled it). Only what has no
 * meaning at run time is removed, and local enums become their values.
 */
const TYPE_FIELDS = [
  'typeAnnotation',
  'returnType',
  'typeParameters',
  'typeArguments',
  'accessibility',
  'optional',
  'declare',
  'definite',
  'abstract',
]
/** `(x as number)`: what stands for the expression within. */
const TRANSPARENT = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
])
const ERASED_STATEMENTS = new Set(['TSTypeAliasDeclaration', 'TSInterfaceDeclaration', 'TSDeclareFunction'])

type EnumValues = ReadonlyMap<string, number | string>

export function stripTypes(fn: FunctionNode, source: number): FunctionNode {
  const enums = new Map<string, EnumValues>()
  rewrite(fn, node => eraseNode(node, enums, source))
  if (enums.size > 0) rewrite(fn, node => enumMember(node, enums))
  return fn
}

function eraseNode(node: AnyNode, enums: Map<string, EnumValues>, source: number): AnyNode | undefined {
  const type: string = node.type
  const fields = fieldsOf(node)
  if (TRANSPARENT.has(type)) return fields.expression as AnyNode
  if (ERASED_STATEMENTS.has(type) || fields.declare === true) return undefined
  if (type === 'TSEnumDeclaration') {
    enums.set((fields.id as { name: string }).name, enumValues(node, source))
    return undefined
  }
  eraseFields(node, type)
  return node
}

function eraseFields(node: AnyNode, type: string): void {
  const fields = fieldsOf(node)
  for (const field of TYPE_FIELDS) {
    // `a?.b` is JavaScript, `(a?: number)` is not
    if (field === 'optional' && (type === 'MemberExpression' || type === 'CallExpression')) continue
    delete fields[field]
  }
  const parameters = fields.params
  if (Array.isArray(parameters))
    fields.params = parameters.filter(p => !(isNode(p) && p.type === 'Identifier' && p.name === 'this'))
}

/** Members count up from the last numeric value, as in the language reference; other initialisers are refused. */
function enumValues(node: AnyNode, source: number): EnumValues {
  const values = new Map<string, number | string>()
  let next = 0
  for (const member of enumMembers(node)) {
    const value = member.initializer ? literalValue(member.initializer) : next
    if (value === undefined)
      throw new Miss(
        'IRIS2001',
        { what: 'an enum with a computed member' },
        { source, start: node.start, end: node.end },
      )
    values.set(member.id.type === 'Identifier' ? member.id.name : String(literalValue(member.id)), value)
    if (typeof value === 'number') next = value + 1
  }
  return values
}

interface EnumMember {
  readonly id: AnyNode
  readonly initializer?: AnyNode | null
}

function enumMembers(node: AnyNode): readonly EnumMember[] {
  const fields = fieldsOf(node)
  const body = fields.body as { members?: EnumMember[] } | undefined
  return (fields.members as EnumMember[] | undefined) ?? body?.members ?? []
}

function literalValue(node: AnyNode): number | string | undefined {
  if (node.type === 'Literal')
    return typeof node.value === 'number' || typeof node.value === 'string' ? node.value : undefined
  if (node.type !== 'UnaryExpression' || (node.operator !== '-' && node.operator !== '~')) return undefined
  const value = literalValue(node.argument)
  if (typeof value !== 'number') return undefined
  return node.operator === '-' ? -value : ~value
}

function enumMember(node: AnyNode, enums: ReadonlyMap<string, EnumValues>): AnyNode {
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') return node
  const name = !node.computed && node.property.type === 'Identifier' ? node.property.name : literalValue(node.property)
  const value = enums.get(node.object.name)?.get(String(name))
  if (value === undefined) return node
  return { type: 'Literal', value, raw: JSON.stringify(value), start: node.start, end: node.end }
}

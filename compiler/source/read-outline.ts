import { Miss } from '../../base/diagnostic.ts'
import type { AnyNode, FunctionNode } from './ast.ts'
import { keyName, memberNames } from './member-names.ts'
import type { FreeName, FunctionOutline, Outline } from './outline.ts'
import { readFunction } from './parse.ts'
import { takesOnlyScalars } from './scalar-parameters.ts'
import { resolveScopes, type ScopeInfo } from './scope.ts'
import { walk } from './walk.ts'

/** Reads the text of a function as Function.prototype.toString gives it. */
export function readOutline(text: string): Outline {
  try {
    return { takesOnlyScalars: takesOnlyScalars(text), fn: outlineOf(readFunction(text, 0)) }
  } catch (error) {
    if (error instanceof Miss) return { takesOnlyScalars: takesOnlyScalars(text), miss: error.diagnostic }
    throw error
  }
}

function outlineOf(node: FunctionNode): FunctionOutline {
  const info = resolveScopes(node)
  return {
    ...(node.id && { name: node.id.name }),
    isArrow: node.type === 'ArrowFunctionExpression',
    usesThis: info.usesThis,
    free: freeNames(node, info),
    members: [...memberNames(node)],
  }
}

function freeNames(node: FunctionNode, info: ScopeInfo): FreeName[] {
  const members = memberUses(node, info)
  return [...info.free.keys()].map(name => {
    const uses = members.get(name)
    return { name, at: mentionOf(name, node, info), ...(uses && { members: [...uses] }) }
  })
}

function mentionOf(name: string, node: FunctionNode, info: ScopeInfo): number {
  const binding = info.free.get(name)
  for (const [id, of] of info.bindingOf) if (of === binding && id.name === name && id !== node.id) return id.start
  return Number.NaN
}

/** Free variables that are only used as `name.property`, with those properties. */
function memberUses(node: FunctionNode, info: ScopeInfo): Map<string, Set<string>> {
  const uses = new Map<string, Set<string>>()
  const others = new Set<string>()
  walk(node, (child, parent) => {
    if (child.type !== 'Identifier') return undefined
    const binding = info.bindingOf.get(child)
    if (binding?.kind !== 'free') return undefined
    const key = memberKey(child, parent)
    if (key === undefined) others.add(binding.name)
    else uses.set(binding.name, (uses.get(binding.name) ?? new Set()).add(key))
    return undefined
  })
  for (const name of others) uses.delete(name)
  return uses
}

function memberKey(id: AnyNode, parent: AnyNode | undefined): string | undefined {
  if (parent?.type !== 'MemberExpression' || parent.object !== id) return undefined
  return keyName(parent.property, parent.computed)
}

import { types } from 'node:util'
import type { DiagnosticCode } from '../../base/diagnostic.ts'
import type { AnyNode, FunctionNode } from './ast.ts'
import { builtinName, GLOBAL_NAMES, originalOf } from './builtins.ts'
import type { FoundScope, FunctionInside } from './inspector.ts'
import { keyName } from './member-names.ts'
import type { ScopeInfo } from './scope.ts'
import type { FunctionPlace, ScriptStore } from './script.ts'
import { verdictOn } from './settled.ts'
import { walk } from './walk.ts'

/** A variable from outside of a function, with its live value. */
export interface FreeVariable {
  readonly name: string
  readonly value: unknown
  /** A property of globalThis: read it again at each call. */
  readonly global?: true
  /** The function's own name, where that is no variable of the surroundings. */
  readonly self?: true
  /** Why the value may not be compiled in. */
  readonly refused?: { readonly code: DiagnosticCode; readonly reason: string }
  /** Names of the properties that are read of it, where nothing else happens to it. */
  readonly members?: ReadonlySet<string>
}

export interface FunctionSurroundings {
  readonly fn: object
  readonly node: FunctionNode
  readonly info: ScopeInfo
  readonly inside: FunctionInside | { readonly refused: string }
  readonly place: FunctionPlace | undefined
  /** Values that the user gives. */
  readonly given: Readonly<Record<string, unknown>>
}

export function freeVariables(around: FunctionSurroundings, store: ScriptStore): FreeVariable[] {
  const members = memberUses(around.node, around.info)
  return [...around.info.free.keys()].map(name => {
    const found = findVariable(name, around, store)
    const names = members.get(name)
    return names ? { ...found, members: names } : found
  })
}

function findVariable(name: string, around: FunctionSurroundings, store: ScriptStore): FreeVariable {
  const { given, inside } = around
  if (Object.hasOwn(given, name)) return { name, value: given[name] }
  if ('refused' in inside) return withoutInspector(name, around, inside.refused)
  const scope = inside.scopes.find(s => s.kind !== 'Global' && Object.hasOwn(s.variables, name))
  const value = scope?.variables[name]
  if (isOwnName(name, scope, around)) return selfReference(name, around)
  return scope ? { name, value, ...refusal(name, value, scope, around, store) } : globalVariable(name)
}

const selfReference = (name: string, { fn }: FunctionSurroundings): FreeVariable => ({ name, value: fn, self: true })

function withoutInspector(name: string, around: FunctionSurroundings, reason: string): FreeVariable {
  if (GLOBAL_NAMES.has(name)) return globalVariable(name)
  if (name === around.node.id?.name) return selfReference(name, around)
  return { name, value: undefined, refused: { code: 'IRIS1007', reason } }
}

function globalVariable(name: string): FreeVariable {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name)
  if (!descriptor) return { name, value: undefined, refused: { code: 'IRIS1007', reason: 'it is not defined' } }
  const { value } = descriptor as { value?: unknown }
  const isConstant = 'value' in descriptor && descriptor.writable === false && descriptor.configurable === false
  if (isConstant) return { name, value }
  if ('value' in descriptor && builtinName(value) !== undefined) return { name, value, global: true }
  return { name, value: undefined, refused: { code: 'IRIS1007', reason: 'it is a property of the global object' } }
}

function refusal(
  name: string,
  value: unknown,
  scope: FoundScope,
  around: FunctionSurroundings,
  store: ScriptStore,
): Pick<FreeVariable, 'refused'> {
  const { place, info } = around
  const unproven = (reason: string): Pick<FreeVariable, 'refused'> => ({ refused: { code: 'IRIS1007', reason } })
  if (scope.kind.startsWith('With')) return unproven('it stands in a `with` statement')
  if (!place)
    return unproven('the script around the function was not found, so nothing proves that it is never reassigned')
  const verdict = verdictOn({ name, value, at: place.offset + mentionOf(name, info) }, place.script, store)
  return verdict === 'settled' ? {} : { refused: verdict }
}

/** Offset in the function's text of a mention of a free variable. */
function mentionOf(name: string, info: ScopeInfo): number {
  const binding = info.free.get(name)
  for (const [id, of] of info.bindingOf) if (of === binding && id.name === name) return id.start
  return Number.NaN
}

/**
 * `function f() { f() }`: for an expression the name is the function for ever; for a declaration it is a variable of the
 * surroundings like any other. Only the script tells which.
 */
function isOwnName(
  name: string,
  scope: FoundScope | undefined,
  { node, info, fn, place }: FunctionSurroundings,
): boolean {
  if (node.id?.name !== name) return false
  const binding = place?.script.program()?.bindingAt.get(place.offset + ownMention(name, node, info))
  if (binding)
    return (
      binding.kind === 'function' &&
      binding.declaration?.type === 'FunctionExpression' &&
      binding.declaration.start === place?.offset
    )
  if (!scope) return !Object.hasOwn(globalThis, name)
  const value = scope.variables[name]
  return typeof value === 'function' && !types.isProxy(value) && originalOf(value) === fn
}

function ownMention(name: string, node: FunctionNode, info: ScopeInfo): number {
  for (const [id, of] of info.bindingOf) if (of === info.free.get(name) && id !== node.id) return id.start
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

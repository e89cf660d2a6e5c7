import { types } from 'node:util'
import type { DiagnosticCode } from '../../base/diagnostic.ts'
import { builtinName, GLOBAL_NAMES, originalOf } from './builtins.ts'
import type { FoundScope, FunctionInside } from './inspector.ts'
import type { FreeName, FunctionOutline } from './outline.ts'
import type { FunctionPlace, ScriptStore } from './script.ts'
import { verdictOn } from './settled.ts'

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
  readonly members?: readonly string[]
}

export interface FunctionSurroundings {
  readonly fn: object
  readonly outline: FunctionOutline
  readonly inside: FunctionInside | { readonly refused: string }
  readonly place: FunctionPlace | undefined
  /** Values that the user gives. */
  readonly given: Readonly<Record<string, unknown>>
}

export function freeVariables(around: FunctionSurroundings, store: ScriptStore): FreeVariable[] {
  return around.outline.free.map(variable => {
    const found = findVariable(variable, around, store)
    return variable.members ? { ...found, members: variable.members } : found
  })
}

function findVariable(variable: FreeName, around: FunctionSurroundings, store: ScriptStore): FreeVariable {
  const { name } = variable
  const { given, inside } = around
  if (Object.hasOwn(given, name)) return { name, value: given[name] }
  if ('refused' in inside) return withoutInspector(name, around, inside.refused)
  const scope = inside.scopes.find(s => s.kind !== 'Global' && Object.hasOwn(s.variables, name))
  const value = scope?.variables[name]
  if (isOwnName(variable, scope, around, store)) return selfReference(name, around)
  if (scope) return { name, value, ...refusal(variable, value, scope, around, store) }
  return isOfOtherRealm(inside) ? { name, value: undefined, refused: OTHER_REALM } : globalVariable(name)
}

const OTHER_REALM = { code: 'IRIS1007', reason: 'it is a global of another realm' } as const

/** A function made in another context of node:vm has other globals. */
function isOfOtherRealm({ scopes }: FunctionInside): boolean {
  const global = scopes.find(scope => scope.kind === 'Global')
  return global !== undefined && global.variables !== globalThis
}

const selfReference = (name: string, { fn }: FunctionSurroundings): FreeVariable => ({ name, value: fn, self: true })

function withoutInspector(name: string, around: FunctionSurroundings, reason: string): FreeVariable {
  if (GLOBAL_NAMES.has(name)) return globalVariable(name)
  if (name === around.outline.name) return selfReference(name, around)
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
  { name, at }: FreeName,
  value: unknown,
  scope: FoundScope,
  { place }: FunctionSurroundings,
  store: ScriptStore,
): Pick<FreeVariable, 'refused'> {
  const unproven = (reason: string): Pick<FreeVariable, 'refused'> => ({ refused: { code: 'IRIS1007', reason } })
  if (scope.kind.startsWith('With')) return unproven('it stands in a `with` statement')
  if (!place)
    return unproven('the script around the function was not found, so nothing proves that it is never reassigned')
  const question = { name, value, at: place.offset + at, isShared: scope.kind === 'Script' }
  const verdict = verdictOn(question, place.script, store)
  return verdict === 'settled' ? {} : { refused: verdict }
}

/**
 * `function f() { f() }`: for an expression the name is the function for ever; for a declaration it is a variable of the
 * surroundings like any other. Only the script tells which.
 */
function isOwnName(
  { name, at }: FreeName,
  scope: FoundScope | undefined,
  { outline, fn, place }: FunctionSurroundings,
  store: ScriptStore,
): boolean {
  if (outline.name !== name) return false
  const binding = place && store.program(place.script)?.bindingAt.get(place.offset + at)
  if (binding)
    return (
      binding.kind === 'function' &&
      binding.declaration?.type === 'FunctionExpression' &&
      binding.declaration.start === place.offset
    )
  if (!scope) return !Object.hasOwn(globalThis, name)
  const value = scope.variables[name]
  return typeof value === 'function' && !types.isProxy(value) && originalOf(value) === fn
}

import type { Inspection } from './inspector.ts'

/**
 * Exports of bundlers and transpilers are often accessors: `get: () => f`, `get() { return f }`, `get: function () {
 * return m[k] }`, and vite's `() => { try { return f } catch {} }`. They do nothing but read a variable, so their value
 * can be found without calling them.
 */
const HEAD = /^(?:get\s+[^(]+|get|function\s*[\w$]*)?\s*\(\s*\)\s*(?:=>)?\s*/
const BODIES = [
  /^\{\s*return\s+([^;{}()]+?)\s*;?\s*\}$/,
  /^\{\s*try\s*\{\s*return\s+([^;{}()]+?)\s*;?\s*\}\s*catch\s*(?:\(\w+\)\s*)?\{\s*\}\s*;?\s*\}$/,
  /^\(?([^;{}()]+?)\)?$/,
]
const COMMENT = /\/\*[\s\S]*?\*\//g
const VARIABLE =
  /^(?<variable>[A-Za-z_$][\w$]*)(?:\[(?<index>[A-Za-z_$][\w$]*)\]|\.(?<key>[A-Za-z_$][\w$]*)|\["(?<text>[\w$]+)"\])?$/

/** Whether a getter does nothing but read a variable, so that calling it is harmless. */
export const readsVariable = (getter: object): boolean => variableRead(getter) !== undefined

export function accessorValue(getter: object, inspection: Inspection): { readonly value: unknown } | undefined {
  const parts = variableRead(getter)
  if (!parts) return undefined
  const lookUp = variablesOf(getter, inspection)
  const base = lookUp(parts.variable!)
  const key = parts.index ? lookUp(parts.index)?.value : (parts.key ?? parts.text)
  return key === undefined ? base : base && propertyOf(base.value, key, inspection)
}

function variableRead(getter: object): Partial<Record<string, string>> | undefined {
  const text = Function.prototype.toString.call(getter).replace(COMMENT, '')
  if (text.length > 200) return undefined
  const body = HEAD.test(text) ? text.replace(HEAD, '') : ''
  const read = BODIES.map(pattern => pattern.exec(body)?.[1]).find(found => found !== undefined)
  return read === undefined ? undefined : VARIABLE.exec(read.trim())?.groups
}

function variablesOf(
  getter: object,
  inspection: Inspection,
): (name: string) => { readonly value: unknown } | undefined {
  const { scopes } = inspection.look(getter)
  return name => {
    const scope = scopes.find(s => s.kind !== 'Global' && Object.hasOwn(s.variables, name))
    return scope && { value: scope.variables[name] }
  }
}

function propertyOf(owner: unknown, key: unknown, inspection: Inspection): { readonly value: unknown } | undefined {
  if (typeof owner !== 'object' || owner === null || typeof key !== 'string') return undefined
  const descriptor = Object.getOwnPropertyDescriptor(owner, key)
  if (!descriptor) return undefined
  return descriptor.get ? accessorValue(descriptor.get, inspection) : { value: descriptor.value }
}

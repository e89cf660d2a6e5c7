import { type AnyFunction, type Excluded, type Namespace, type PackageSpec, RANDOM, type Subject } from './spec.ts'

const importer = new URL(
  import.meta.url.includes('/dist/') ? '../../../test/wild/import.js' : './import.js',
  import.meta.url,
)

type Found = { readonly path: string; readonly fn: AnyFunction; readonly owner: unknown }

const load = async (name: string): Promise<Namespace> => {
  const { importWild } = (await import(importer.href)) as { importWild: (name: string) => Promise<Namespace> }
  return importWild(name)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isPlainFunction = (value: unknown): value is AnyFunction =>
  typeof value === 'function' && !/^class\b|\[native code\]/.test(Function.prototype.toString.call(value))

/** Every function of a namespace, its namespaces and its functions' own members, once. */
function functionsOf(root: unknown, depth = 3): Found[] {
  const found = new Map<AnyFunction, Found>()
  const visited = new Set<unknown>()
  const visit = (value: unknown, path: string, owner: unknown, left: number): void => {
    if (isPlainFunction(value) && !found.has(value)) found.set(value, { path, fn: value, owner })
    if (left === 0 || visited.has(value) || !(isObject(value) || typeof value === 'function')) return
    if (Array.isArray(value) || ArrayBuffer.isView(value)) return
    visited.add(value)
    for (const [name, member] of members(value)) visit(member, path === '' ? name : `${path}.${name}`, value, left - 1)
  }
  visit(root, '', undefined, depth)
  return [...found.values()]
}

/** Own members; for an instance of a class its methods. */
function members(value: object): [name: string, member: unknown][] {
  const own = Object.entries(value).filter(([name]) => name !== 'default' && name !== 'module.exports')
  return isInstance(value) ? methodsOf(value) : own
}

/** Instances are cloned for each call; namespaces are not. */
export function isInstance(value: unknown): value is object {
  if (!isObject(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype !== null && prototype !== Object.prototype
}

function methodsOf(instance: object): [name: string, member: unknown][] {
  const prototype = Object.getPrototypeOf(instance) as object
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name]) => name !== 'constructor')
    .map(([name, descriptor]) => [name, descriptor.value])
}

/** Names of the simple parameters, in order, up to the first pattern. */
export function parameterNames(fn: AnyFunction): string[] {
  const text = Function.prototype.toString.call(fn).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
  const arrow = /^\s*(?:async\s+)?([\w$]+)\s*=>/.exec(text)
  if (arrow?.[1]) return [arrow[1]]
  const list = text.slice(text.indexOf('(') + 1, closing(text))
  const names: string[] = []
  for (const part of list.split(',')) {
    const name = /^\s*([\w$]+)/.exec(part)?.[1]
    if (name === undefined) break
    names.push(name)
  }
  return names
}

function closing(text: string): number {
  let depth = 0
  for (let i = text.indexOf('('); i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return i
  }
  return text.length
}

function kindsFor(spec: PackageSpec, path: string, fn: AnyFunction): Subject['kinds'] | undefined {
  const given = spec.functions?.[path]
  if (given) return given
  const scope = path.split('.')[0]
  const names = parameterNames(fn)
  const kinds = names.map(name => spec.params?.[`${scope}.${name}`] ?? spec.params?.[name])
  const known = kinds.indexOf(undefined)
  const usable = known < 0 ? kinds : kinds.slice(0, known)
  if (usable.length === 0 && names.length > 0) return undefined
  return usable.filter(kind => kind !== undefined)
}

function skipReason(spec: PackageSpec, path: string, fn: AnyFunction): string | undefined {
  for (const [pattern, reason] of Object.entries(spec.skip ?? {})) {
    if (pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))) return reason
  }
  const text = Function.prototype.toString.call(fn)
  return /Math\.random|Date\.now|new Date|randomBytes/.test(text) ? RANDOM : undefined
}

export interface Collection {
  readonly subjects: readonly Subject[]
  readonly excluded: readonly Excluded[]
}

export async function collect(spec: PackageSpec): Promise<Collection> {
  const exports = await load(spec.module ?? spec.name)
  const take = async (): Promise<Found[]> =>
    functionsOf(await (spec.take ? spec.take(exports, load) : (exports.default ?? exports)))
  const first = await take()
  const second = spec.stateful ? await take() : first
  const subjects: Subject[] = []
  const excluded: Excluded[] = []
  for (const [index, { path, fn, owner }] of first.entries()) {
    const reason = skipReason(spec, path, fn)
    const kinds = reason === undefined ? kindsFor(spec, path, fn) : undefined
    const other = second[index]
    if (reason !== undefined || kinds === undefined || other === undefined) {
      excluded.push({ package: spec.name, path, reason: reason ?? `no kinds for (${parameterNames(fn).join(', ')})` })
      continue
    }
    subjects.push({
      package: spec.name,
      domain: spec.domain,
      path,
      original: fn,
      subject: other.fn,
      receiver: owner,
      subjectReceiver: other.owner,
      kinds,
      stateful: spec.stateful === true,
    })
  }
  return { subjects, excluded }
}

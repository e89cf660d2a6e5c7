import { types } from 'node:util'
import type { DiagnosticCode } from '../../base/diagnostic.ts'
import type { ValueShape } from '../abi.ts'
import type { Elem } from '../ir/types.ts'
import { builtinName, builtinValue } from './builtins.ts'
import { joinShapes, withoutConstants } from './shape-join.ts'

/**
 * Describes live values as plain data. No code of the user runs: accessors and proxies are recognised, never asked.
 * One description covers captured values and arguments together, so that aliasing between them shows.
 */
export interface ShapeHost {
  /** Shape of a function with source; it becomes part of the graph. */
  functionShape(fn: object): ValueShape
  /** Properties that may be asked of this object; undefined: all that the program text mentions. */
  namesFor(object: object, from: Origin): Names | undefined
  /** A function was found as a property of an object: what it asks of `this` may be asked of the object. */
  foundMethod(owner: object, fn: object): void
  /** Value of an accessor that does nothing but read a variable. */
  accessorValue(getter: object): { readonly value: unknown } | undefined
}

/** Whether a free variable holds the value itself, or it is an argument or within another value. */
export type Origin = 'variable' | 'elsewhere'

/** Property names that may be asked of a value. */
export type Names = ReadonlySet<string>

export const LIMITS = { depth: 8, nodes: 20_000, text: 1000, elements: 4096 } as const

const ELEMS: ReadonlyMap<string, Elem> = new Map([
  ['Int8Array', 'i8'],
  ['Uint8Array', 'u8'],
  ['Uint8ClampedArray', 'u8c'],
  ['Int16Array', 'i16'],
  ['Uint16Array', 'u16'],
  ['Int32Array', 'i32'],
  ['Uint32Array', 'u32'],
  ['Float32Array', 'f32'],
  ['Float64Array', 'f64'],
])

type TypedShape = { k: 'typed'; elem: Elem; id: number; group: number }
interface KnownView {
  readonly view: ArrayBufferView
  readonly shapes: TypedShape[]
}

export function opaque(what: string, code?: DiagnosticCode): ValueShape {
  return { k: 'opaque', what, ...(code && { code }) }
}

export class Shaper {
  readonly #host: ShapeHost
  readonly #names: Names
  readonly #ids = new Map<object, number>()
  readonly #views: KnownView[] = []
  readonly #open = new Set<object>()
  #nodes = 0

  constructor(host: ShapeHost, names: Names) {
    this.#host = host
    this.#names = names
  }

  describe(value: unknown, from: Origin = 'elsewhere'): ValueShape {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
    const names = (isObject ? this.#host.namesFor(value, from) : undefined) ?? this.#names
    switch (typeof value) {
      case 'number':
      case 'boolean':
        return { k: typeof value, value } as ValueShape
      case 'undefined':
        return { k: 'undefined' }
      case 'string':
        return value.length <= LIMITS.text ? { k: 'string', value } : opaque('a long string')
      case 'function':
        return this.#function(value, names)
      case 'object':
        return value === null ? { k: 'null' } : this.#guarded(value, names)
      default:
        return opaque(`a ${typeof value}`)
    }
  }

  /** Overlap is known when all values are: gives each group of overlapping views its number. */
  settle(): void {
    const views = [...this.#views].sort((a, b) => a.view.byteOffset - b.view.byteOffset)
    const groups: { buffer: ArrayBufferLike; end: number; members: KnownView[] }[] = []
    for (const known of views) {
      const { buffer, byteOffset, byteLength } = known.view
      const group = groups.find(g => g.buffer === buffer && byteOffset < g.end)
      if (!group) groups.push({ buffer, end: byteOffset + byteLength, members: [known] })
      else {
        group.members.push(known)
        group.end = Math.max(group.end, byteOffset + byteLength)
      }
    }
    const number = new Map(groups.flatMap(group => group.members.map(member => [member, group] as const)))
    const order = new Map<object, number>()
    for (const known of this.#views) {
      const group = number.get(known)!
      if (!order.has(group)) order.set(group, order.size)
      for (const shape of known.shapes) shape.group = order.get(group)!
    }
  }

  #function(fn: object, names: Names): ValueShape {
    if (types.isProxy(fn)) return opaque('a Proxy', 'IRIS1009')
    const name = builtinName(fn)
    if (name !== undefined) return this.#builtin(name, fn, names)
    const shape = isClass(fn) ? undefined : this.#host.functionShape(fn)
    if (shape && shape.k !== 'function') return shape
    return this.#enter(fn, () => {
      const { fields } = this.#fields(fn, namesBeyond(names, FUNCTION_OWN), false)
      if (!shape) return { k: 'object', fields, id: this.#id(fn) }
      return Object.keys(fields).length > 0 ? { ...shape, fields } : shape
    })
  }

  #builtin(name: string, value: object, names: Names): ValueShape {
    const fields = Object.fromEntries(
      [...names].flatMap((key): [string, ValueShape][] => {
        const field: unknown = Object.getOwnPropertyDescriptor(value, key)?.value
        const pristine = builtinValue(`${name}.${key}`)
        if (pristine !== undefined && field !== pristine)
          return [[key, opaque(`the built-in \`${name}.${key}\` has been replaced`, 'IRIS2007')]]
        return typeof field === 'function' && pristine === undefined ? [[key, this.describe(field)]] : []
      }),
    )
    return Object.keys(fields).length > 0 ? { k: 'builtin', name, fields } : { k: 'builtin', name }
  }

  #guarded(value: object, names: Names): ValueShape {
    if (types.isProxy(value)) return opaque('a Proxy', 'IRIS4005')
    const name = builtinName(value)
    if (name !== undefined) return this.#builtin(name, value, names)
    if (ArrayBuffer.isView(value)) return this.#view(value, names)
    return this.#enter(value, () => (Array.isArray(value) ? this.#list(value, names) : this.#object(value, names)))
  }

  #enter(value: object, describe: () => ValueShape): ValueShape {
    if (this.#open.has(value)) return opaque('an object that contains itself')
    if (this.#open.size >= LIMITS.depth) return opaque('data nested too deeply')
    if (++this.#nodes > LIMITS.nodes) return opaque('too much data')
    this.#open.add(value)
    const shape = describe()
    this.#open.delete(value)
    return shape
  }

  #id(value: object): number {
    const id = this.#ids.get(value) ?? this.#ids.size
    this.#ids.set(value, id)
    return id
  }

  #view(view: ArrayBufferView, names: Names): ValueShape {
    const elem = ELEMS.get(kindOfView(view))
    if (!elem) return opaque(types.isDataView(view) ? 'a DataView' : 'an array of BigInt')
    if (!isPristineView(view, names)) return opaque('an instance of a class derived from a typed array')
    if (isUnstable(view.buffer)) return opaque('a view of a detached or resizable buffer', 'IRIS4003')
    return this.#knownView(view, elem)
  }

  #knownView(view: ArrayBufferView, elem: Elem): ValueShape {
    const same = this.#views.find(
      ({ view: v, shapes }) =>
        v.buffer === view.buffer &&
        v.byteOffset === view.byteOffset &&
        v.byteLength === view.byteLength &&
        shapes[0]!.elem === elem,
    )
    const known = same ?? { view, shapes: [] }
    if (!same) this.#views.push(known)
    const shape: TypedShape = { k: 'typed', elem, id: this.#id(known.view), group: -1 }
    known.shapes.push(shape)
    return shape
  }

  #list(list: readonly unknown[], names: Names): ValueShape {
    if (Object.getPrototypeOf(list) !== Array.prototype) return opaque('an instance of a class derived from Array')
    const extra = [...names].find(name => name !== 'length' && !/^\d+$/.test(name) && Object.hasOwn(list, name))
    if (extra !== undefined) return opaque(`an array with a property \`${extra}\``)
    const id = this.#id(list)
    const frozen = Object.isFrozen(list) && ({ frozen: true } as const)
    if (list.length === 0) return { k: 'list', id, ...frozen }
    const element = this.#elements(list)
    if (element === 'holes') return opaque('an array with holes or accessors', 'IRIS4007')
    return { k: 'list', element: element.shape, ...(element.mixed && { mixed: true }), id, ...frozen }
  }

  /** Long lists are sampled; whoever copies them in checks each element anyway. */
  #elements(list: readonly unknown[]): { shape: ValueShape; mixed: boolean } | 'holes' {
    const stride = Math.max(1, Math.floor(list.length / LIMITS.elements))
    let joined: { shape: ValueShape; mixed: boolean } | undefined
    const seen = new Set<unknown>()
    for (let i = 0; i < list.length; i += stride) {
      const element = dataElement(list, i)
      if (!element) return 'holes'
      const { value } = element
      if (typeof value === 'number' && joined?.shape.k === 'number') continue
      if (typeof value === 'object' && value !== null && (seen.has(value) || this.#ids.has(value))) {
        return { shape: opaque('the same array or object twice'), mixed: false }
      }
      seen.add(value)
      joined = joinShapes(joined, withoutConstants(this.describe(value)))
    }
    return joined ?? 'holes'
  }

  #object(value: object, names: Names): ValueShape {
    const { fields, inherited, namespace } = this.#fields(value, names, true)
    return {
      k: 'object',
      fields,
      id: this.#id(value),
      ...(Object.isFrozen(value) && { frozen: true as const }),
      ...((namespace || isNamespace(value)) && { namespace: true as const }),
      ...(inherited.length > 0 && { inherited }),
    }
  }

  #fields(
    value: object,
    names: Names,
    inherit: boolean,
  ): { fields: Record<string, ValueShape>; inherited: string[]; namespace: boolean } {
    const entries: [string, ValueShape][] = []
    const inherited: string[] = []
    let namespace = false
    const constant = Object.isFrozen(value)
    for (const name of names) {
      const found = findProperty(value, name, inherit)
      if (!found) continue
      if (found.inherited) inherited.push(name)
      const accessor = found.descriptor.get && this.#host.accessorValue(found.descriptor.get)
      if (accessor) namespace = true
      if (typeof found.descriptor.value === 'function') this.#host.foundMethod(value, found.descriptor.value)
      if ('value' in found.descriptor) entries.push([name, this.#field(found.descriptor.value, constant)])
      else
        entries.push([name, accessor ? this.#field(accessor.value, false) : opaque('an accessor property', 'IRIS4005')])
    }
    return { fields: Object.fromEntries(entries), inherited, namespace }
  }

  /** Fields are read again at each call, so their present value is no constant unless the object is frozen. */
  #field(value: unknown, constant: boolean): ValueShape {
    const shape = this.describe(value)
    return constant || (shape.k !== 'number' && shape.k !== 'boolean') ? shape : { k: shape.k }
  }
}

const FUNCTION_OWN: Names = new Set(['length', 'name', 'prototype', 'arguments', 'caller', 'call', 'apply', 'bind'])

function namesBeyond(names: Names, known: Names): Names {
  return new Set([...names].filter(name => !known.has(name)))
}

const isClass = (fn: object): boolean => /^class\b/.test(Function.prototype.toString.call(fn))

function findProperty(
  value: object,
  name: string,
  inherit: boolean,
): { descriptor: PropertyDescriptor; inherited: boolean } | undefined {
  for (let owner: object | null = value; owner; owner = Object.getPrototypeOf(owner) as object | null) {
    if (types.isProxy(owner)) return { descriptor: {}, inherited: true }
    const descriptor = ownDescriptor(owner, name)
    if (descriptor) return { descriptor, inherited: owner !== value }
    if (!inherit) return undefined
  }
  return undefined
}

/** Uninitialised exports of a module namespace throw when they are looked at. */
function ownDescriptor(owner: object, name: string): PropertyDescriptor | undefined {
  try {
    return Object.getOwnPropertyDescriptor(owner, name)
  } catch (error) {
    if (error instanceof ReferenceError) return {}
    throw error
  }
}

function dataElement(list: readonly unknown[], index: number): { readonly value: unknown } | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(list, index)
  return descriptor && 'value' in descriptor ? { value: descriptor.value } : undefined
}

function isNamespace(value: object): boolean {
  return (
    types.isModuleNamespaceObject(value) ||
    Object.hasOwn(value, '__esModule') ||
    Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === 'Module'
  )
}

const SPECIES_METHODS = [
  'slice',
  'subarray',
  'map',
  'filter',
  'toString',
  'fill',
  'equals',
  'compare',
  'indexOf',
  'includes',
]

const toStringTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!
  .get!

/** The true kind, whatever own properties the view has. */
const kindOfView = (view: ArrayBufferView): string => String(Reflect.apply(toStringTag, view, []))

const OWN_OF_VIEWS = ['length', 'buffer', 'byteOffset', 'byteLength', 'constructor']

/** A Buffer is a Uint8Array as long as no method is asked that Buffer redefines. */
export function isPristineView(view: ArrayBufferView, names: Names): boolean {
  if (OWN_OF_VIEWS.some(name => Object.hasOwn(view, name))) return false
  const prototype: unknown = Object.getPrototypeOf(view)
  if (prototype === Buffer.prototype) return !SPECIES_METHODS.some(name => names.has(name))
  const type = builtinValue(kindOfView(view)) as { prototype: unknown } | undefined
  return prototype === type?.prototype
}

function isUnstable(buffer: ArrayBufferLike): boolean {
  const { resizable, growable, detached } = buffer as { resizable?: boolean; growable?: boolean; detached?: boolean }
  return resizable === true || growable === true || detached === true
}

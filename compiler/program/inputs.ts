import { invariant } from '../../base/invariant.ts'
import type { Access, CompileRequest, Input, ListElement, ValueShape } from '../abi.ts'
import { f64, get, i32 } from '../ir/build.ts'
import type { LocalId } from '../ir/ir.ts'
import { type Elem, type ListType, listElement, type Type } from '../ir/types.ts'
import { sameAccess } from './environment.ts'
import type { FunctionBuilder } from './function-builder.ts'
import {
  BOOLEAN,
  type FieldBinding,
  type LiveObject,
  type Members,
  NULL,
  NUMBER,
  type ObjectInfo,
  UNDEFINED,
  type Value,
} from './value.ts'

/** A live value that becomes Wasm parameters of the entry. */
export interface LiveInput {
  readonly key: string
  readonly access: Access
  readonly shape: ValueShape
  readonly type: Type
  readonly name: string
}

/** An object that exists before the call: which of its fields the kernel reads and writes. */
export interface LiveObjectRecord {
  readonly access: Access
  readonly shape: ValueShape & { k: 'object' }
  readonly fields: Set<string>
  readonly written: Set<string>
  /** properties that it must not have */
  readonly absent: Set<string>
  readonly infos: Map<FunctionBuilder, ObjectInfo>
}

export const accessKey = (access: Access): string => JSON.stringify(access)

export function describeAccess(access: Access): string {
  const { root } = access
  const head = 'arg' in root ? `argument ${root.arg}` : 'this' in root ? 'this' : root.free
  return [head, ...access.path].join('.')
}

/**
 * The live inputs of a program: arguments, captured arrays and the fields of objects. Each is checked at every call and,
 * where it has a value at run time, becomes a parameter of the entry function on first use.
 */
export class Inputs {
  readonly guards: Input[] = []
  readonly live = new Map<string, LiveInput>()
  readonly objects = new Map<number, LiveObjectRecord>()
  private readonly firstById = new Map<string, Access>()
  private readonly guarded = new Set<string>()
  private readonly request: CompileRequest
  private objectIds = 0

  constructor(request: CompileRequest) {
    this.request = request
  }

  /** The value found at `access`, used inside `builder`. */
  value(builder: FunctionBuilder, access: Access, shape: ValueShape, name: string): Value {
    switch (shape.k) {
      case 'number':
        return { k: 'number', expr: get(this.param(builder, { access, shape, type: 'f64', name }), 'f64') }
      case 'boolean':
        return { k: 'boolean', expr: get(this.param(builder, { access, shape, type: 'i32', name }), 'i32') }
      case 'undefined':
      case 'null':
        this.guard({ kind: 'is', access, param: false, value: shape.k === 'null' ? null : undefined })
        return { k: shape.k }
      case 'string':
        this.guard({ kind: 'is', access, param: false, value: shape.value })
        return { k: 'string', value: shape.value }
      case 'typed': {
        const first = this.canonical(`typed:${shape.id}`, access)
        const local = this.param(builder, { access: first, shape, type: `arr.${shape.elem}`, name })
        return { k: 'array', local, elem: shape.elem, origin: { from: 'input', access: first } }
      }
      case 'list':
        return this.list(builder, access, shape, name)
      case 'object':
        return { k: 'object', object: this.object(builder, access, shape) }
      case 'function':
        this.guardFunction(access, shape.index)
        return { k: 'function', index: shape.index, ...this.members(access, shape.fields) }
      case 'builtin':
        this.guardFunction(access, shape.name)
        return { k: 'builtin', name: shape.name, ...this.members(access, shape.fields) }
      case 'opaque':
        return {
          k: 'opaque',
          what: shape.what,
          name,
          ...(shape.code && { code: shape.code }),
          ...(access.path.length > 0 && { of: describeAccess({ ...access, path: access.path.slice(0, -1) }) }),
        }
    }
  }

  /** Own properties of a function (`lib.decode.table`), read when they are used. */
  private members(access: Access, fields: Readonly<Record<string, ValueShape>> | undefined): { members?: Members } {
    if (!fields) return {}
    const members: Members = (name, user) =>
      Object.hasOwn(fields, name)
        ? this.value(user, { root: access.root, path: [...access.path, name] }, fields[name]!, name)
        : undefined
    return { members }
  }

  private list(builder: FunctionBuilder, access: Access, shape: ValueShape & { k: 'list' }, name: string): Value {
    const type = listTypeOf(shape)
    if (!type)
      return {
        k: 'opaque',
        what: 'an array whose elements are not numbers, objects with numbers, or arrays of numbers',
        name,
      }
    const first = this.canonical(`list:${shape.id}`, access)
    const local = this.param(builder, { access: first, shape, type, name })
    const mask = listElement(type) === 'box' ? NUMBER | BOOLEAN | UNDEFINED | NULL : NUMBER
    const records = recordsOf(shape)
    return { k: 'list', local, type, origin: { from: 'input', access: first }, mask, ...(records && { records }) }
  }

  /** Equal ids are one and the same object: the first access stands for all, guarded to stay so. */
  private canonical(id: string, access: Access): Access {
    const first = this.firstById.get(id)
    if (!first) {
      this.firstById.set(id, access)
      return access
    }
    if (!sameAccess(first, access)) this.guard({ kind: 'same', access, param: false, other: first, same: true })
    return first
  }

  private param(builder: FunctionBuilder, input: Omit<LiveInput, 'key'>): LocalId {
    const key = accessKey(input.access)
    const known = this.live.get(key)
    invariant(!known || known.type === input.type, `two types for ${key}`)
    if (!known) this.live.set(key, { ...input, key })
    return this.paramOf(builder, key)
  }

  /** The parameter of a function that carries a live value; added on first use. */
  paramOf(builder: FunctionBuilder, key: string): LocalId {
    const found = builder.liveParams.get(key)
    if (found) return found.local
    const input = this.live.get(key)
    invariant(input, `unknown live value ${key}`)
    const group = input.shape.k === 'typed' ? input.shape.group : undefined
    const local = builder.param(input.name, input.type, group)
    builder.liveParams.set(key, { key, local })
    return local
  }

  guard(input: Input): void {
    const key = JSON.stringify(input, (_, value) => (value === undefined ? 'undefined' : value))
    if (this.guarded.has(key)) return
    this.guarded.add(key)
    this.guards.push(input)
  }

  /** Bindings that are never reassigned need no check; what hangs on an object may be replaced. */
  private guardFunction(access: Access, target: number | string): void {
    if ('free' in access.root && access.path.length === 0) return
    this.guard({ kind: 'function', access, param: false, target })
  }

  /** One ObjectInfo for each function that touches the object: its fields are parameters of that function. */
  private object(builder: FunctionBuilder, access: Access, shape: ValueShape & { k: 'object' }): ObjectInfo {
    const first = this.canonical(`object:${shape.id}`, access)
    let object = this.objects.get(shape.id)
    if (!object)
      this.objects.set(
        shape.id,
        (object = { access: first, shape, fields: new Set(), written: new Set(), absent: new Set(), infos: new Map() }),
      )
    let info = object.infos.get(builder)
    if (!info) object.infos.set(builder, (info = this.newObject(builder, object)))
    return info
  }

  private newObject(builder: FunctionBuilder, object: LiveObjectRecord): ObjectInfo {
    const { access, shape, fields } = object
    const live: LiveObject = {
      access,
      field: name => {
        fields.add(name)
        const field = Object.hasOwn(shape.fields, name) ? shape.fields[name]! : ({ k: 'undefined' } as const)
        return this.value(builder, { root: access.root, path: [...access.path, name] }, field, name)
      },
      markWritten: name => void object.written.add(name),
      has: name => {
        const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
        if (field?.k === 'undefined' || field?.k === 'opaque') return undefined
        if (field) live.field(name)
        else object.absent.add(name)
        return field !== undefined
      },
    }
    const info: ObjectInfo = { id: -1 - this.objectIds++, fields: new Map<string, FieldBinding>(), live }
    return info
  }

  thisShape(): ValueShape {
    return this.request.profile.thisValue ?? { k: 'undefined' }
  }
}

/** The IR type that carries a plain array of this shape, where there is one. */
export function listTypeOf(shape: ValueShape & { k: 'list' }): ListType | undefined {
  if (shape.mixed) return 'list.box'
  const element = shape.element
  if (!element || element.k === 'number') return 'list.f64'
  if (element.k === 'typed') return `list.arr.${element.elem}`
  if (recordsOf(shape)) return 'list.list.f64'
  if (element.k !== 'list' || recordsOf(element)) return undefined
  const inner = listTypeOf(element)
  return inner && `list.${inner}`
}

/** Of an array of objects: their fields that are numbers in all of them, and that the program mentions. */
export function recordsOf({ element, mixed }: ValueShape & { k: 'list' }): readonly string[] | undefined {
  if (element?.k !== 'object' || mixed) return undefined
  return Object.keys(element.fields).filter(name => element.fields[name]?.k === 'number')
}

/** The ABI's word for the elements of a list of this shape. */
export function elementOfShape(shape: ValueShape & { k: 'list' }, type: ListType): ListElement {
  const record = recordsOf(shape)
  return record ? { record } : elementOf(type)
}

/** The ABI's word for the elements of a list type. */
export function elementOf(type: ListType): ListElement {
  const element = listElement(type)
  if (element === 'f64' || element === 'box') return element
  if (element.startsWith('arr.')) return { typed: element.slice(4) as Elem }
  return { list: elementOf(element as ListType) }
}

export const zeroOf = (type: Type): ReturnType<typeof f64> => (type === 'f64' ? f64(0) : i32(0))

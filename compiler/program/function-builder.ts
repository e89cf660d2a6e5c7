import type { Expr, Func, Local, LocalId, Param, Stmt } from '../ir/ir.ts'
import type { Type } from '../ir/types.ts'
import type { Instance } from './instance.ts'
import type { Slot } from './value.ts'

/** A parameter that stands for a live value of the program (a captured array, a field of `this`), found on first use. */
export interface LiveParam {
  readonly key: string
  readonly local: LocalId
}

/** A call whose callee may still come to need more live values: the arguments are completed when all is lowered. */
export interface PendingCall {
  readonly callee: Instance
  readonly args: Expr[]
}

/** Collects one IR function while it is lowered. Parameters may be added late: `finish` numbers them first. */
export class FunctionBuilder {
  readonly name: string
  readonly locals: Local[] = []
  readonly params: { local: LocalId; group?: number }[] = []
  readonly liveParams = new Map<string, LiveParam>()
  readonly calls: PendingCall[] = []
  readonly body: Stmt[] = []
  result: Type | 'void' = 'void'
  private labels = 0
  private readonly assignable = new Set<LocalId>()
  private readonly storages = new Map<Slot, Map<Type, LocalId>>()

  constructor(name: string) {
    this.name = name
  }

  local(name: string, type: Type): LocalId {
    this.locals.push({ name, type })
    return this.locals.length - 1
  }

  param(name: string, type: Type, group?: number): LocalId {
    const local = this.local(name, type)
    this.params.push({ local, ...(group !== undefined && { group }) })
    return local
  }

  label(hint: string): string {
    return `${hint}${this.labels++}`
  }

  /** The local that holds a variable while it has values of this type. */
  storage(slot: Slot, type: Type): LocalId {
    let types = this.storages.get(slot)
    if (!types) this.storages.set(slot, (types = new Map()))
    let local = types.get(type)
    if (local === undefined) {
      local = this.local(slot.name, type)
      types.set(type, local)
      this.assignable.add(local)
    }
    return local
  }

  /** Whether the local may be set more than once (a variable), so that a reference to it must be copied to be kept. */
  isStorage(local: LocalId): boolean {
    return this.assignable.has(local)
  }

  /** Parameters first, names made unique, pads spliced. */
  finish(): Func {
    const order = [...this.params.map(p => p.local), ...this.locals.keys()]
    const position = new Map<LocalId, LocalId>()
    for (const id of order) if (!position.has(id)) position.set(id, position.size)
    const locals = uniqueNames([...position.keys()].map(id => this.locals[id]!))
    const params: Param[] = this.params.map((p, i) => ({
      ...locals[i]!,
      ...(p.group !== undefined && { group: p.group }),
    }))
    const body = renumber(this.body, id => position.get(id)!)
    return { name: this.name, params, locals, result: this.result, body }
  }
}

function uniqueNames(locals: readonly Local[]): Local[] {
  const taken = new Map<string, number>()
  return locals.map(({ name, type }) => {
    const base = name.replace(/[^A-Za-z0-9_$]/g, '_')
    const count = taken.get(base) ?? 0
    taken.set(base, count + 1)
    return { name: count === 0 ? base : `${base}.${count}`, type }
  })
}

/** Label of the blocks that hold conversions before a jump; they are spliced away. */
export const PAD = ''

const LOCAL_KEYS = new Set(['local', 'array', 'list', 'result', 'target', 'source'])

/** Deep copy of statements with other local numbers, splicing pads. Generic over nodes: the keys that hold a local are few. */
function renumber(body: readonly Stmt[], map: (id: LocalId) => LocalId): Stmt[] {
  const copy = (value: unknown, key: string): unknown => {
    if (Array.isArray(value))
      return value.flatMap(item => (isPad(item) ? (copy(item.body, 'body') as unknown[]) : [copy(item, key)]))
    if (typeof value === 'number' && LOCAL_KEYS.has(key)) return map(value)
    if (typeof value !== 'object' || value === null || key === 'span') return value
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, copy(v, k)]))
  }
  return copy(body, 'body') as Stmt[]
}

const isPad = (item: unknown): item is { body: Stmt[] } =>
  typeof item === 'object' &&
  item !== null &&
  (item as { kind?: unknown }).kind === 'block' &&
  (item as { label?: unknown }).label === PAD

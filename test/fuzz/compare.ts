/** Everything that can be seen of one call: what it gave or threw, and what it left behind. */
export interface Seen {
  readonly value?: unknown
  readonly error?: unknown
  readonly args: readonly unknown[]
  readonly self: unknown
  readonly captured: Readonly<Record<string, unknown>>
}

/**
 * Equality that no program can tell from identity: Object.is on primitives, the same keys in the same order, the same
 * kinds of arrays over buffers of the same size, and objects shared on one side exactly where they are on the other.
 */
export function isSame(a: unknown, b: unknown): boolean {
  return new Comparison(true).equal(a, b)
}

/** The same contents, whichever objects and buffers hold them. */
export function isAlike(a: unknown, b: unknown): boolean {
  return new Comparison(false).equal(a, b)
}

class Comparison {
  readonly #twins = new Map<object, object>()
  readonly #taken = new Set<object>()
  readonly #minds: boolean

  constructor(mindsIdentity: boolean) {
    this.#minds = mindsIdentity
  }

  equal(a: unknown, b: unknown): boolean {
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
    const known = this.#known(a, b)
    if (known !== undefined) return known
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
    if (a instanceof Error) return b instanceof Error && a.message === b.message
    if (ArrayBuffer.isView(a)) return this.#views(a as Float64Array, b as Float64Array)
    return this.#properties(a as Record<string, unknown>, b as Record<string, unknown>)
  }

  /** Whether the two are each other's; undefined where neither has been met. */
  #known(a: object, b: object): boolean | undefined {
    const twin = this.#twins.get(a)
    if (!this.#minds) {
      this.#twins.set(a, b)
      return twin === b || undefined
    }
    if (twin !== undefined || this.#taken.has(b)) return twin === b
    this.#twins.set(a, b)
    this.#taken.add(b)
    return undefined
  }

  #views(a: Float64Array, b: Float64Array): boolean {
    if (a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
    if (!this.#minds) return true
    if (a.byteOffset !== b.byteOffset) return false
    const known = this.#known(a.buffer, b.buffer)
    if (known !== undefined) return known
    return a.buffer.byteLength === b.buffer.byteLength && a.buffer.constructor === b.buffer.constructor
  }

  #properties(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
    const keys = Object.keys(a)
    const others = Object.keys(b)
    if (keys.length !== others.length || (Array.isArray(a) && a.length !== (b as unknown as unknown[]).length))
      return false
    return keys.every((key, i) => key === others[i] && this.equal(a[key], b[key]))
  }
}

export function showSeen(seen: Seen): string {
  const outcome = seen.error === undefined ? `returns ${show(seen.value)}` : `throws ${show(seen.error)}`
  const self = seen.self === undefined ? '' : `\n  leaves this ${show(seen.self)}`
  const captured = Object.keys(seen.captured).length > 0 ? `\n  leaves captured ${show(seen.captured)}` : ''
  return `${outcome}\n  leaves arguments ${show(seen.args)}${self}${captured}`
}

/** Values as JavaScript would write them. */
export function show(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (ArrayBuffer.isView(value))
    return `new ${value.constructor.name}([${[...(value as unknown as Iterable<number>)].map(show).join(', ')}])`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${show(item)}`)
      .join(', ')} }`
  return String(value)
}

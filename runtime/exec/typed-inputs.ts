import type { Input } from '../../compiler/abi.ts'
import type { Elem } from '../../compiler/ir/types.ts'
import type { Captured } from './access.ts'
import { CONSTRUCTORS, elemOf, plainElemOf, type TypedArray } from './elements.ts'
import type { Failure } from './failure.ts'
import { type KernelMemory, RESERVED } from './memory.ts'
import { padded, type ThreadContext } from './thread-context.ts'

export type TypedInput = Extract<Input, { kind: 'typed' }>

/** One typed array of one call. Addresses of arrays outside kernel memory are given when they are copied in. */
export interface ArrayUse {
  readonly array: TypedArray
  readonly name: string
  readonly elem: Elem
  readonly reads: boolean
  readonly writes: boolean
  /** arrays of one group may overlap in the compiled code; undefined: of no group */
  readonly group: number | undefined
  readonly inPlace: boolean
  address: number
  /** first array of the region that this one shares with others by overlap */
  region: Region | undefined
}

/** Overlapping arrays outside kernel memory, copied as one so that they overlap in the copy, too. */
interface Region {
  readonly buffer: ArrayBufferLike
  readonly start: number
  readonly end: number
  address: number
}

/** The array as an input, or why it cannot be one. */
export function useArray(
  memory: KernelMemory,
  captured: Captured,
  value: unknown,
  input: Omit<TypedInput, 'kind' | 'access' | 'param' | 'group'> & { group: number | undefined },
  name: string,
): ArrayUse | Failure | undefined {
  if (elemOf(value) !== input.elem) return undefined
  const array = value as TypedArray
  if (plainElemOf(array) === undefined && !captured.isPristine(array)) return undefined
  const { buffer } = array
  const inPlace = memory.owns(buffer)
  if (!inPlace && !isFixed(buffer, input.writes)) return { code: 'IRIS4003', values: { name } }
  const { elem, reads, writes, group } = input
  return {
    array,
    name,
    elem,
    reads,
    writes,
    group,
    inPlace,
    address: inPlace ? array.byteOffset : RESERVED,
    region: undefined,
  }
}

/** Detached buffers have lost their bytes, resizable ones may, and foreign shared ones have other writers. */
function isFixed(buffer: ArrayBufferLike, writes: boolean): boolean {
  const state = buffer as { resizable?: boolean; growable?: boolean; detached?: boolean }
  if (state.resizable || state.growable) return false
  if (buffer instanceof SharedArrayBuffer) return !writes
  return buffer.byteLength > 0 || !isDetached(buffer as ArrayBuffer)
}

/** `ArrayBuffer.prototype.detached` is newer than Node 20; making a view on a detached buffer throws everywhere. */
function isDetached(buffer: ArrayBuffer & { readonly detached?: boolean }): boolean {
  if (buffer.detached !== undefined) return buffer.detached
  try {
    return new Uint8Array(buffer).length < 0
  } catch (error) {
    if (error instanceof TypeError) return true
    throw error
  }
}

const endOf = (use: ArrayUse): number => use.array.byteOffset + use.array.byteLength

/** All of kernel memory counts as one buffer: it has a new buffer object after every growth. */
const shareBuffer = (a: ArrayUse, b: ArrayUse): boolean => a.array.buffer === b.array.buffer || (a.inPlace && b.inPlace)
const overlap = (a: ArrayUse, b: ArrayUse): boolean => a.array.byteOffset < endOf(b) && b.array.byteOffset < endOf(a)

/** The common case, and a list may have thousands of rows. */
const haveOwnBuffers = (uses: readonly ArrayUse[]): boolean =>
  uses.length < 2 || new Set(uses.map(use => (use.inPlace ? 'kernel memory' : use.array.buffer))).size === uses.length

/** Two objects over the same elements: address and length do not tell which one a result refers to. */
function areTwins(a: ArrayUse, b: ArrayUse): boolean {
  if (a.array === b.array || a.elem !== b.elem) return false
  return a.array.byteOffset === b.array.byteOffset && a.array.length === b.array.length
}

/**
 * Finds overlapping arrays of which one is written. Where the plan expects it (one group) they become a region;
 * elsewhere the call cannot run compiled. `mayReturn`: arrays among the inputs may be the result, or be stored.
 */
export function resolveOverlaps(uses: readonly ArrayUse[], mayReturn: boolean): Failure | undefined {
  if (haveOwnBuffers(uses)) return undefined
  for (let i = 1; i < uses.length; i++) {
    for (let j = 0; j < i; j++) {
      const a = uses[j]!
      const b = uses[i]!
      if (!(a.writes || b.writes) || !shareBuffer(a, b)) continue
      const conflict: Failure = { code: 'IRIS4002', values: { names: `${a.name} and ${b.name}` } }
      if (mayReturn && areTwins(a, b)) return conflict
      if (!overlap(a, b)) continue
      if (a.group === undefined || a.group !== b.group) return conflict
      if (!a.inPlace) join(uses, a, b)
    }
  }
  return undefined
}

function join(uses: readonly ArrayUse[], a: ArrayUse, b: ArrayUse): void {
  const parts = [
    a.region,
    b.region,
    { start: a.array.byteOffset, end: endOf(a) },
    { start: b.array.byteOffset, end: endOf(b) },
  ]
  const known = parts.filter(part => part !== undefined)
  const start = Math.min(...known.map(part => part.start))
  const end = Math.max(...known.map(part => part.end))
  const region: Region = { buffer: a.array.buffer, start, end, address: 0 }
  for (const use of uses) {
    const isMember = use === a || use === b || (use.region && (use.region === a.region || use.region === b.region))
    if (isMember && use !== a && use !== b) use.region = region
  }
  a.region = b.region = region
}

const isCopied = (use: ArrayUse): boolean => !use.inPlace && (use.reads || use.writes) && use.array.length > 0
const NO_REGIONS: ReadonlySet<Region> = new Set()
const regionsOf = (uses: readonly ArrayUse[]): ReadonlySet<Region> =>
  uses.some(use => use.region) ? new Set(uses.flatMap(use => use.region ?? [])) : NO_REGIONS
const isBackedUp = (use: ArrayUse): boolean => use.inPlace && use.writes

/** Arena bytes that {@link copyIn} and {@link backUp} take. */
export function copyBytes(uses: readonly ArrayUse[], withBackup: boolean): number {
  let bytes = 0
  for (const use of uses) {
    if (isCopied(use) && !use.region) bytes += padded(use.array.byteLength)
    if (withBackup && isBackedUp(use)) bytes += padded(use.array.byteLength)
  }
  for (const region of regionsOf(uses)) bytes += padded(region.end - region.start + 8)
  return bytes
}

/** Gives every array its address, and its bytes where they are read or written in part. */
export function copyIn(uses: readonly ArrayUse[], context: ThreadContext): void {
  const { heap } = context.memory
  let empties = 0
  for (const use of uses) {
    // no element of an empty array is ever read, but its address tells which one it is
    if (use.array.length === 0 && !use.inPlace) use.address = RESERVED + 8 * empties++
    if (!isCopied(use) || use.region) continue
    use.address = context.push(use.array.byteLength)
    heapView(heap.buffer, use).set(use.array)
  }
  for (const region of regionsOf(uses)) {
    region.address = context.push(region.end - region.start + 8) + (region.start % 8)
    heap.u8.set(bytesOf(region), region.address)
  }
  for (const use of uses) if (use.region) use.address = use.region.address + use.array.byteOffset - use.region.start
}

/** After success: what was written goes back. */
export function copyBack(uses: readonly ArrayUse[], context: ThreadContext): void {
  const { heap } = context.memory
  const done = new Set<Region>()
  for (const use of uses) {
    if (!use.writes || !isCopied(use)) continue
    if (!use.region) use.array.set(heapView(heap.buffer, use))
    else if (!done.has(use.region)) {
      done.add(use.region)
      const { address, start, end } = use.region
      bytesOf(use.region).set(heap.u8.subarray(address, address + end - start))
    }
  }
}

const heapView = (buffer: SharedArrayBuffer, use: ArrayUse): TypedArray =>
  new CONSTRUCTORS[use.elem](buffer, use.address, use.array.length)
const bytesOf = (region: Region): Uint8Array => new Uint8Array(region.buffer, region.start, region.end - region.start)

/** Copies of arrays that are written in place, kept until the call has succeeded. */
export class Backup {
  readonly #saved: { readonly use: ArrayUse; readonly at: number }[] = []
  readonly #context: ThreadContext

  constructor(uses: readonly ArrayUse[], context: ThreadContext) {
    this.#context = context
    for (const use of uses) {
      if (!isBackedUp(use)) continue
      const at = context.push(use.array.byteLength)
      context.memory.heap.u8.copyWithin(at, use.address, use.address + use.array.byteLength)
      this.#saved.push({ use, at })
    }
  }

  restore(): void {
    const { u8 } = this.#context.memory.heap
    for (const { use, at } of this.#saved) u8.copyWithin(use.address, at, at + use.array.byteLength)
  }
}

export const writesInPlace = (uses: readonly ArrayUse[]): boolean => uses.some(isBackedUp)

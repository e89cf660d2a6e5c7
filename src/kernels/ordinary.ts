import { invariant } from '../../base/invariant.ts'
import { CONSTRUCTORS, elemOf, type TypedArray } from '../../runtime/exec/elements.ts'
import { markOf } from '../../runtime/exec/views.ts'
import { run } from './call.ts'
import { middle } from './halves.ts'
import { bytesOfFamily, type Entry, entry, type Family, recorder } from './library.ts'

/**
 * Kernels of one step. Where none of their arrays is in kernel memory they run over a small memory of their own, which is not
 * shared: V8 copies to and from shared memory by relaxed atomic accesses, which take three to four times as long as a plain
 * copy, and what is copied in parts that fit the caches of the processor does not come back from farther than those.
 */
export type Operand = TypedArray | number | bigint

const isArray = (operand: Operand): operand is TypedArray => typeof operand === 'object'

/** Where arrays begin: below are the constants of the families and the tables of checksum.ts. */
const ARRAYS = 65536
const ROOM = 1 << 20
/** Bytes of each array that are copied at a time: three of them fit the second level of the caches. */
const PART = 1 << 16
/** Between arrays, so that elements of one place are not multiples of 4096 bytes apart: such loads and stores wait for each other. */
const GAP = 320

type Params = (number | bigint)[]
type AnyEntry = (...params: Params) => number

class OrdinaryMemory {
  readonly #memory = new WebAssembly.Memory({
    initial: (ARRAYS + ROOM) / 65536,
    maximum: (ARRAYS + ROOM) / 65536,
  })
  readonly #windows = Object.fromEntries(
    Object.entries(CONSTRUCTORS).map(([elem, type]) => [elem, new type(this.#memory.buffer)]),
  ) as unknown as Readonly<Record<string, TypedArray>>
  readonly #families = new Map<Family, Readonly<Record<string, Entry>>>()

  entry(family: Family, name: string): AnyEntry {
    let entries = this.#families.get(family)
    if (!entries) {
      const module = new WebAssembly.Module(unshared(bytesOfFamily(family)))
      const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } })
      entries = exports as unknown as Readonly<Record<string, Entry>>
      this.#families.set(family, entries)
    }
    return entries[name] as unknown as AnyEntry
  }

  /** Copies the inputs in, runs the kernel, and copies the output, the operand of this index, back. */
  call(kernel: AnyEntry, operands: readonly Operand[], out: number): number {
    let at = ARRAYS
    let place = 0
    const params: Params = []
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i]!
      if (!isArray(operand)) {
        params.push(operand)
        continue
      }
      if (i === out) place = at
      else this.#windows[elemOf(operand)!]!.set(operand, at / operand.BYTES_PER_ELEMENT)
      params.push(at)
      at = (at + operand.byteLength + GAP + 15) & -16
    }
    const value = kernel(...params)
    const to = operands[out] as TypedArray | undefined
    if (to) {
      const from = place / to.BYTES_PER_ELEMENT
      to.set(this.#windows[elemOf(to)!]!.subarray(from, from + to.length))
    }
    return value
  }
}

let ordinary: OrdinaryMemory | undefined

/** The module with a memory import that is not marked as shared: flag 3 (shared, with a maximum) becomes 1. */
function unshared(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const IMPORTS = 2
  const MEMORY = 2
  let at = 8
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (bytes[at++] !== IMPORTS) {
    const size = number()
    at += size
  }
  number() // bytes of the section
  invariant(number() === 1, 'a family imports more than its memory')
  for (const _ of ['module', 'name']) {
    const length = number()
    at += length
  }
  invariant(bytes[at] === MEMORY && bytes[at + 1] === 3, 'a family imports no shared memory')
  const made = bytes.slice()
  made[at + 1] = 1
  return made
}

// Loops by index below: these run at every call, and a call is some hundred nanoseconds.

/** Whether the arrays are all outside kernel memory, and the call is not one to be recorded. */
function areOrdinary(operands: readonly Operand[]): boolean {
  if (recorder.current !== undefined) return false
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!
    if (isArray(operand) && markOf(operand) !== undefined) return false
  }
  return true
}

function hasRoom(operands: readonly Operand[]): boolean {
  let bytes = 0
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!
    if (isArray(operand)) bytes += operand.byteLength + GAP + 16
  }
  return bytes <= ROOM
}

/** Over kernel memory; `out`: index of the output, or -1. */
function runShared<V, R>(
  family: Family,
  name: string,
  operands: readonly Operand[],
  out: number,
  result: (value: V) => R,
): R {
  return run(call => {
    const kernel = entry(family, name) as unknown as (...params: Params) => V
    const params: Params = []
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i]!
      params.push(!isArray(operand) ? operand : i === out ? call.out(operand) : call.in(operand))
    }
    return kernel(...params)
  }, result)
}

const memory = (): OrdinaryMemory => (ordinary ??= new OrdinaryMemory())

/** Runs a kernel that writes nothing. */
export function compute<V, R>(family: Family, name: string, operands: readonly Operand[], result: (value: V) => R): R {
  if (!areOrdinary(operands) || !hasRoom(operands)) return runShared(family, name, operands, -1, result)
  const shared = memory()
  return result(shared.call(shared.entry(family, name), operands, -1) as V)
}

/** Runs a kernel of `vectors` that writes the array which stands before the count, the last operand; gives that array. */
export function write<T extends TypedArray>(name: string, operands: readonly Operand[], to: T): T {
  const out = operands.length - 2
  if (!areOrdinary(operands) || !hasRoom(operands)) return runShared('vectors', name, operands, out, () => to)
  const shared = memory()
  shared.call(shared.entry('vectors', name), operands, out)
  return to
}

/** The like, where each element of the output depends on those at its place alone: part by part. */
export function writeParts<T extends TypedArray>(name: string, operands: readonly Operand[], to: T): T {
  const out = operands.length - 2
  if (!areOrdinary(operands)) return runShared('vectors', name, operands, out, () => to)
  const shared = memory()
  const kernel = shared.entry('vectors', name)
  const step = PART / to.BYTES_PER_ELEMENT
  if (to.length <= step) shared.call(kernel, operands, out)
  else
    for (let from = 0; from < to.length; from += step)
      shared.call(kernel, part(operands, from, Math.min(step, to.length - from)), out)
  return to
}

/** A reduction of `vectors` that is added by halves anyway; the last operand is the count. */
export function reduceByHalves<R>(name: string, operands: readonly Operand[], result: (value: number) => R): R {
  if (!areOrdinary(operands)) return runShared('vectors', name, operands, -1, result)
  const shared = memory()
  const kernel = shared.entry('vectors', name)
  const most = PART / (operands[0] as TypedArray).BYTES_PER_ELEMENT
  const whole = operands.at(-1) as number
  const value = (from: number, n: number): number => {
    if (n <= most) return shared.call(kernel, n === whole ? operands : part(operands, from, n), -1)
    const left = middle(n)
    return value(from, left) + value(from + left, n - left)
  }
  return result(value(0, whole))
}

/** The same operands from element `from` on; the last one is the count. */
function part(operands: readonly Operand[], from: number, count: number): Operand[] {
  return operands.map((operand, i) => {
    if (i === operands.length - 1) return count
    if (!isArray(operand)) return operand
    const type = CONSTRUCTORS[elemOf(operand)!]
    return new type(operand.buffer, operand.byteOffset + from * operand.BYTES_PER_ELEMENT, count) as TypedArray
  })
}

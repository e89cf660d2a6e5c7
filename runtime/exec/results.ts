import { unreachable } from '../../base/invariant.ts'
import type { Result, WriteBack } from '../../compiler/abi.ts'
import type { AccessTable } from './access.ts'
import { readBox } from './boxes.ts'
import { arrayOfList, type ListCopies, objectOfRecord, rowElem, typedAt } from './lists.ts'
import type { Heap } from './memory.ts'
import { inherits, isPlainlyWritable } from './properties.ts'

/** What a result is made from. */
export interface Outcome {
  /** what the Wasm function returned */
  readonly value: unknown
  readonly heap: Heap
  /** address of slot 0 */
  readonly slots: number
  readonly registers: readonly unknown[]
  readonly lists: ListCopies
}

export type Reader = (outcome: Outcome) => unknown

/** Turns the description of a result into a function that makes it. */
export function resultReader(result: Result, accesses: AccessTable): Reader {
  switch (result.kind) {
    case 'void':
      return () => undefined
    case 'constant': {
      const { value } = result
      return () => value
    }
    case 'f64':
    case 'i32':
      return ({ value }) => value
    case 'u32':
      return ({ value }) => (value as number) >>> 0
    case 'bool':
      return ({ value }) => value !== 0
    case 'box':
      return ({ heap, slots }) => readBox(heap, slots + 8 * result.slot)
    case 'slot':
      return slotReader(result.as, result.slot)
    case 'typed':
      return ({ heap, slots, lists }) => typedAt(heap, result.elem, slots + 8 * result.slot, lists)
    case 'list':
      return ({ heap, slots, lists }) => arrayOfList(heap, word(heap, slots, result.slot), result.element, lists)
    case 'record':
      return ({ heap, slots, lists }) => objectOfRecord(heap, word(heap, slots, result.slot), result.fields, lists)
    case 'input': {
      const register = accesses.register(result.access)
      return ({ registers }) => registers[register]
    }
    case 'object':
      return objectReader(result.fields, accesses)
    case 'tuple': {
      const items = result.items.map(item => resultReader(item, accesses))
      return outcome => items.map(read => read(outcome))
    }
    case 'choice': {
      const options = result.options.map(option => resultReader(option, accesses))
      return outcome => options[word(outcome.heap, outcome.slots, result.slot)]!(outcome)
    }
    default:
      return unreachable(result, 'resultReader')
  }
}

/** Whether a result may be, or hold, a typed array that is one of the inputs. */
export function hasTypedArrays(result: Result): boolean {
  switch (result.kind) {
    case 'typed':
      return true
    case 'list':
      return rowElem(result.element) !== undefined
    case 'object':
      return result.fields.some(([, value]) => hasTypedArrays(value))
    case 'tuple':
      return result.items.some(hasTypedArrays)
    case 'choice':
      return result.options.some(hasTypedArrays)
    default:
      return false
  }
}

const word = (heap: Heap, slots: number, slot: number): number => heap.i32[(slots + 8 * slot) >> 2]!

function slotReader(as: 'f64' | 'i32' | 'bool', slot: number): Reader {
  if (as === 'f64') return ({ heap, slots }) => heap.f64[(slots + 8 * slot) >> 3]
  if (as === 'i32') return ({ heap, slots }) => word(heap, slots, slot)
  return ({ heap, slots }) => word(heap, slots, slot) !== 0
}

function objectReader(fields: readonly (readonly [name: string, value: Result])[], accesses: AccessTable): Reader {
  const readers = fields.map(([name, value]) => [name, resultReader(value, accesses)] as const)
  return outcome => {
    const object: Record<string, unknown> = {}
    for (const [name, read] of readers) {
      if (name === '__proto__')
        Object.defineProperty(object, name, {
          value: read(outcome),
          enumerable: true,
          writable: true,
          configurable: true,
        })
      else object[name] = read(outcome)
    }
    return object
  }
}

/** Assignments to fields of live objects, done after success. */
export class FieldWrites {
  readonly #writes: readonly { readonly holder: number; readonly key: string; readonly read: Reader }[]

  constructor(writeBacks: readonly WriteBack[], accesses: AccessTable) {
    this.#writes = writeBacks.map(({ access, value }) => ({
      holder: accesses.register({ root: access.root, path: access.path.slice(0, -1) }),
      key: access.path.at(-1)!,
      read: resultReader(value, accesses),
    }))
  }

  /** Register of an object that would not just store the value, or -1. */
  refusedBy(registers: readonly unknown[]): number {
    return this.#writes.find(({ holder, key }) => !isPlainlyWritable(registers[holder], key))?.holder ?? -1
  }

  /** Register of an object that inherits from one that is written, and so might see what the copies do not; or -1. */
  heirAmong(objects: readonly number[], registers: readonly unknown[]): number {
    if (this.#writes.length === 0) return -1
    return (
      objects.find(object => this.#writes.some(({ holder }) => inherits(registers[object], registers[holder]))) ?? -1
    )
  }

  /** Whether an object that is written was copied as an element of an array, too: the copy would not change. */
  meets(registers: readonly unknown[], lists: ListCopies): boolean {
    return this.#writes.some(({ holder }) => lists.hasRecord(registers[holder] as object))
  }

  /** The values, for {@link apply}. */
  read(outcome: Outcome): readonly unknown[] {
    return this.#writes.map(({ read }) => read(outcome))
  }

  apply(registers: readonly unknown[], values: readonly unknown[]): void {
    this.#writes.forEach(({ holder, key }, index) => {
      Reflect.set(registers[holder] as object, key, values[index])
    })
  }
}

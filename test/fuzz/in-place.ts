import type { KernelMemory } from '../../runtime/exec/memory.ts'
import type { Call } from './world.ts'

/** A call whose arrays lie in kernel memory. */
export interface Moved {
  readonly call: Call
  /** The value with copies of the arrays that lie in kernel memory. */
  copyOut(value: unknown): unknown
  free(): void
}

type Typed = Float64Array
type TypedConstructor = new (buffer: ArrayBufferLike, offset?: number, length?: number) => Typed

/** Views that overlap do so in kernel memory, too. */
export function moveIn(call: Call, memory: KernelMemory): Moved {
  const addresses = new Map<ArrayBufferLike, number>()
  const address = (buffer: ArrayBufferLike): number => {
    const known = addresses.get(buffer)
    if (known !== undefined) return known
    const made = memory.take(buffer.byteLength)
    new Uint8Array(memory.heap.buffer, made, buffer.byteLength).set(new Uint8Array(buffer))
    addresses.set(buffer, made)
    return made
  }
  const args = call.args.map(arg => {
    if (!ArrayBuffer.isView(arg) || arg.byteLength === 0) return arg
    const { buffer, byteOffset, length } = arg as Typed
    return new (arg.constructor as TypedConstructor)(memory.heap.buffer, address(buffer) + byteOffset, length)
  })
  return {
    call: { self: call.self, args },
    copyOut: value => copyOut(value, memory),
    free: () => {
      for (const one of addresses.values()) memory.give(one)
    },
  }
}

function copyOut(value: unknown, memory: KernelMemory): unknown {
  if (ArrayBuffer.isView(value)) return memory.owns(value.buffer) ? (value as Typed).slice() : value
  if (Array.isArray(value)) return value.map(item => copyOut(item, memory))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOut(item, memory)]))
}

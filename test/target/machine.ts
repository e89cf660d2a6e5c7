import { ARRAYS_FROM, CONTEXT } from '../../compiler/abi.ts'
import type { Func, Module } from '../../compiler/ir/ir.ts'
import { type EmitOptions, emit } from '../../compiler/target/emit.ts'

/** Runs emitted modules in one shared memory: context block at the bottom, arena above, data for arguments last. */
export const CONTEXT_AT = ARRAYS_FROM
export const ARENA_AT = ARRAYS_FROM + 4096
export const ARENA_END = ARENA_AT + 65536
export const DATA_AT = ARENA_END

export const memory = new WebAssembly.Memory({ initial: 16, maximum: 64, shared: true })
export const view = new DataView(memory.buffer)

export type HostFunction = (...args: number[]) => number
export const HOSTS: Readonly<Record<string, HostFunction>> = {
  'Math.sin': Math.sin,
  'Math.pow': Math.pow,
  'Math.hypot/3': Math.hypot,
  'Math.random': () => 0.25,
}

export type Run = (...args: (number | bigint)[]) => number | bigint | undefined

export interface Machine {
  readonly run: Run
  readonly wasm: Uint8Array
  readonly hosts: readonly string[]
}

export function module(entry: Func, ...others: readonly Func[]): Module {
  const exits = Array.from({ length: 8 }, (_, site) => ({ reason: `exit ${site}` }))
  return { funcs: [entry, ...others], entry: entry.name, exits, slots: 8 }
}

/** Emits, validates and instantiates. */
export async function build(source: Module, options: EmitOptions = {}): Promise<Machine> {
  const { wasm, hosts } = await emit(source, { validate: true, ...options })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
    env: { memory, context: new WebAssembly.Global({ value: 'i32', mutable: false }, CONTEXT_AT) },
    host: Object.fromEntries(hosts.map(name => [name, HOSTS[name]!])),
  })
  return { run: exports.run as Run, wasm, hosts }
}

export const buildFunction = (entry: Func, options: EmitOptions = {}): Promise<Machine> => build(module(entry), options)

/** Clears the context block and gives the whole arena, or its first `bytes`. */
export function reset(bytes = ARENA_END - ARENA_AT): void {
  new Uint8Array(memory.buffer, CONTEXT_AT, CONTEXT.bytes).fill(0)
  view.setInt32(CONTEXT_AT + CONTEXT.arenaTop, ARENA_AT, true)
  view.setInt32(CONTEXT_AT + CONTEXT.arenaEnd, ARENA_AT + bytes, true)
}

export const status = (): number => view.getInt32(CONTEXT_AT + CONTEXT.status, true)
export const slotAt = (slot: number): number => CONTEXT_AT + CONTEXT.slots + 8 * slot

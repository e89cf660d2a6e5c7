import { ARRAYS_FROM, CONTEXT } from '../../compiler/abi.ts'
import * as b from '../../compiler/ir/build.ts'
import type { Expr, Func, Local, Module, Param, Stmt } from '../../compiler/ir/ir.ts'
import type { Type } from '../../compiler/ir/types.ts'
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
export async function build(
  source: Module,
  options: EmitOptions = {},
  functions: Readonly<Record<string, HostFunction>> = HOSTS,
): Promise<Machine> {
  const { wasm, hosts } = await emit(source, { validate: true, ...options })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
    env: { memory, context: new WebAssembly.Global({ value: 'i32', mutable: false }, CONTEXT_AT) },
    host: Object.fromEntries(hosts.map(name => [name, functions[name]!])),
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

// ---- short names for building functions

export const i = (id: number): Expr => b.get(id, 'i32')
export const x = (id: number): Expr => b.get(id, 'f64')
export const add = (left: Expr, right: Expr): Expr => b.op('i32.add', left, right)
export const plus = (left: Expr, right: Expr): Expr => b.op('f64.add', left, right)

export function entry(
  params: readonly Param[],
  locals: readonly Local[],
  result: Func['result'],
  ...body: Stmt[]
): Func {
  return b.func('entry', params, locals, result, body)
}
export const local = (name: string, type: Type): Local => ({ name, type })

export function f64s(at: number, values: readonly number[]): number {
  values.forEach((value, index) => {
    view.setFloat64(at + 8 * index, value, true)
  })
  return at
}
export const readF64s = (at: number, count: number): number[] => [...new Float64Array(memory.buffer, at, count)]
/** Runs and tells how it ended: the result, or the status of an exit. */
export function outcome(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error
    return { status: status() }
  }
}

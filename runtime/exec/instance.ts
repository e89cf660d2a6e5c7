import type { CallPlan } from '../../compiler/abi.ts'
import { builtinOf, hostFunction } from './hosts.ts'
import type { ThreadContext } from './thread-context.ts'

export type WasmFunction = (...params: number[]) => unknown

/** Above this size compiling would be felt on the event loop (V8's baseline compiler makes some 50 MB/s). */
const SYNCHRONOUS_BYTES = 64 * 1024

/** Compiles Wasm: at once when it is small, else off the thread. */
export async function compileModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  const source = bytes as Uint8Array<ArrayBuffer>
  return bytes.byteLength <= SYNCHRONOUS_BYTES ? new WebAssembly.Module(source) : WebAssembly.compile(source)
}

/** The exported function of a kernel, bound to the memory and the context of a thread. */
export function instantiate(module: WebAssembly.Module, plan: CallPlan, context: ThreadContext): WasmFunction {
  const host = Object.fromEntries(plan.hosts.map(name => [name, hostFunction(name)]))
  const imports = { env: { memory: context.memory.wasm as WebAssembly.Memory, context: context.address }, host }
  return new WebAssembly.Instance(module, imports).exports.run as WasmFunction
}

/** Built-ins whose replacement would make the kernel differ from the original. */
export function builtinsUsed(plan: CallPlan): string[] {
  const guarded = plan.inputs.flatMap(input =>
    input.kind === 'function' && typeof input.target === 'string' ? [input.target] : [],
  )
  return [...new Set([...plan.hosts, ...(plan.builtins ?? []), ...guarded].map(builtinOf))]
}

import type { CallPlan, RegionPlan } from '../../compiler/abi.ts'
import { builtinOf, hostFunction } from './hosts.ts'
import type { SharedCode } from './parallel/sharing.ts'
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
export function instantiate(
  module: WebAssembly.Module,
  plan: Pick<CallPlan, 'hosts' | 'regions'>,
  context: ThreadContext,
  sharing: RegionSharing = NOT_SHARED,
): WasmFunction {
  const host = Object.fromEntries(plan.hosts.map(name => [name, hostFunction(name)]))
  const fork = (region: number, lo: number, hi: number, frame: number): number => {
    return context.sharing?.share(shared, region, lo, hi, frame) ?? 0
  }
  const env = { memory: context.memory.wasm as WebAssembly.Memory, context: context.address, fork }
  const instance = new WebAssembly.Instance(module, { env, host })
  const shared = sharedCode(instance, plan.regions ?? [], sharing)
  return instance.exports.run as WasmFunction
}

/** What an instance's loops need to be shared. */
export interface RegionSharing {
  /** Number by which threads know the module; undefined: they do not. */
  number(): number | undefined
  readonly limit: number
}

const NOT_SHARED: RegionSharing = { number: () => undefined, limit: 1 }

export function sharedCode(
  instance: WebAssembly.Instance,
  regions: readonly RegionPlan[],
  { number, limit }: RegionSharing,
): SharedCode {
  const chunks = regions.map((_, index) => instance.exports[`chunk.${index}`] as WasmFunction)
  return { regions, chunks, number, limit }
}

/** Built-ins whose replacement would make the kernel differ from the original. */
export function builtinsUsed(plan: CallPlan): string[] {
  const guarded = plan.inputs.flatMap(input =>
    input.kind === 'function' && typeof input.target === 'string' ? [input.target] : [],
  )
  return [...new Set([...plan.hosts, ...(plan.builtins ?? []), ...guarded].map(builtinOf))]
}

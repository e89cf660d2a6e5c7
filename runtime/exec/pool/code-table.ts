import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { invariant } from '../../../base/invariant.ts'
import { hostFunction } from '../hosts.ts'
import { sharedCode, type WasmFunction } from '../instance.ts'
import type { LoopSharing } from '../parallel/sharing.ts'
import type { CodeMessage } from './words.ts'

/** The compiled code that a thread knows: instances over the shared memory, made when code first arrives. */
export class CodeTable {
  readonly #port: MessagePort
  readonly #memory: unknown
  readonly #context: number
  readonly #entries = new Map<number, WasmFunction>()
  readonly #chunks = new Map<number, readonly WasmFunction[]>()
  sharing: LoopSharing | undefined

  constructor(port: MessagePort, memory: unknown, context: number) {
    this.#port = port
    this.#memory = memory
    this.#context = context
  }

  entry(code: number): WasmFunction {
    const known = this.#entries.get(code)
    if (known) return known
    this.#receive()
    const entry = this.#entries.get(code)
    invariant(entry, `code ${code} was not sent to this thread`)
    return entry
  }

  /** Runs parts of a loop; undefined when the code is not known here. */
  chunk(code: number, region: number): WasmFunction | undefined {
    if (!this.#chunks.has(code)) this.#receive()
    return this.#chunks.get(code)?.[region]
  }

  /** Messages stand in the port's queue as soon as they are posted: no turn of the event loop is needed. */
  #receive(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: CodeMessage } | undefined
      if (!received) return
      this.#add(received.message)
    }
  }

  #add({ code, module, hosts, entry, regions = [] }: CodeMessage): void {
    const host = Object.fromEntries(hosts.map(name => [name, hostFunction(name)]))
    const fork = (region: number, lo: number, hi: number, frame: number): number => {
      return this.sharing?.share(shared, region, lo, hi, frame) ?? 0
    }
    const env = { memory: this.#memory as WebAssembly.Memory, context: this.#context, fork }
    const instance = new WebAssembly.Instance(module as WebAssembly.Module, { env, host })
    const shared = sharedCode(instance, regions, { number: () => code, limit: Number.POSITIVE_INFINITY })
    this.#chunks.set(code, shared.chunks)
    this.#entries.set(code, instance.exports[entry] as WasmFunction)
  }
}

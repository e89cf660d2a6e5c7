import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { invariant } from '../../../base/invariant.ts'
import { hostFunction } from '../hosts.ts'
import type { WasmFunction } from '../instance.ts'
import type { CodeMessage } from './words.ts'

/** The compiled code that a thread knows: instances over the shared memory, made when code first arrives. */
export class CodeTable {
  readonly #port: MessagePort
  readonly #memory: unknown
  readonly #context: number
  readonly #entries = new Map<number, WasmFunction>()
  readonly #instances = new Map<number, WebAssembly.Instance>()

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

  instance(code: number): WebAssembly.Instance {
    this.entry(code)
    return this.#instances.get(code) as WebAssembly.Instance
  }

  /** Messages stand in the port's queue as soon as they are posted: no turn of the event loop is needed. */
  #receive(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: CodeMessage } | undefined
      if (!received) return
      this.#add(received.message)
    }
  }

  #add({ code, module, hosts, entry }: CodeMessage): void {
    const host = Object.fromEntries(hosts.map(name => [name, hostFunction(name)]))
    const env = { memory: this.#memory as WebAssembly.Memory, context: this.#context }
    const instance = new WebAssembly.Instance(module as WebAssembly.Module, { env, host })
    this.#instances.set(code, instance)
    this.#entries.set(code, instance.exports[entry] as WasmFunction)
  }
}

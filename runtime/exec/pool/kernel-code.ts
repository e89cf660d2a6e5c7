import type { CompiledKernel } from '../../../compiler/abi.ts'
import type { Captured } from '../access.ts'
import { compileModule } from '../instance.ts'
import { PlanInvoker } from '../marshal.ts'
import type { KernelMemory } from '../memory.ts'
import { ThreadContext } from '../thread-context.ts'
import type { Code } from './work.ts'

/** A way to make one call ready: calls that are under way at once need one each. */
export interface Lane {
  readonly invoker: PlanInvoker
  readonly context: ThreadContext
}

/** The thread runs the code, so the invoker never does. */
const elsewhere = (): never => {
  throw new Error('this call runs on another thread')
}

/** One compiled profile of a kernel as the pool sees it. */
export class KernelCode {
  readonly compiled: CompiledKernel
  readonly #memory: KernelMemory
  readonly #captured: Captured
  readonly #free: Lane[] = []
  #code: Code | undefined

  constructor(compiled: CompiledKernel, captured: Captured, memory: KernelMemory) {
    this.compiled = compiled
    this.#captured = captured
    this.#memory = memory
  }

  get code(): Code | undefined {
    return this.#code
  }

  /** Makes the module; at once when it is small. */
  async load(): Promise<void> {
    const { wasm, plan } = this.compiled
    const module = await compileModule(wasm)
    const { hosts, regions } = plan
    this.#code ??= { module, hosts, entry: 'run', ...(regions && { regions }) }
  }

  take(): Lane {
    return this.#free.pop() ?? this.#open()
  }

  give(lane: Lane): void {
    this.#free.push(lane)
  }

  #open(): Lane {
    const context = new ThreadContext(this.#memory)
    return { context, invoker: new PlanInvoker(this.compiled.plan, elsewhere, this.#captured, context) }
  }
}

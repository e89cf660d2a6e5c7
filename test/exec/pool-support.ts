import { builtPath } from '../../base/files.ts'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import type { PoolOptions } from '../../runtime/exec/pool/options.ts'
import { KernelPool, type PoolParts } from '../../runtime/exec/pool/pool.ts'
import { STATE } from '../../runtime/exec/pool/words.ts'
import type { Code, Ended, Work } from '../../runtime/exec/pool/work.ts'
import { ThreadContext } from '../../runtime/exec/thread-context.ts'
import { watKernel } from './support.ts'

export const newPool = (options: PoolOptions = {}, parts: Partial<PoolParts> = {}): KernelPool =>
  new KernelPool(
    {
      memory: new KernelMemory({ initial: 1 << 20, maximum: 16 << 20 }),
      file: builtPath('runtime/exec/pool/entry.cjs'),
      graceMs: 20_000,
      ...parts,
    },
    { threads: 2, ...options },
  )

/** Code that doubles its parameter, and code that runs until it is told to stop; both mark where the test can see it. */
export async function newCode(body: string): Promise<Code> {
  const { wasm } = await watKernel(body)
  return { module: new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>), hosts: [], entry: 'run' }
}

export const DOUBLE = '(func (export "run") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 2)))'
/** Counts at an address until the cancel word is negative. */
export const FOREVER = `(func (export "run") (param i32) (result f64)
  (loop $top
    (i32.atomic.store (local.get 0) (i32.add (i32.atomic.load (local.get 0)) (i32.const 1)))
    (if (i32.lt_s (i32.atomic.load offset=12 (global.get $context)) (i32.const 0))
      (then (i32.store (global.get $context) (i32.const -1)) (unreachable)))
    (br $top))
  (unreachable))`
/** Waits for a word to become something else. */
export const GATED = `(func (export "run") (param i32) (param f64) (result f64)
  (loop $top (br_if $top (i32.eqz (i32.atomic.load (local.get 0)))))
  (local.get 1))`

/** A call of code, with the result that the code returns. */
export function call(memory: KernelMemory, code: Code, ...params: number[]): Work & { readonly log: string[] } {
  const log: string[] = []
  return {
    log,
    place() {
      log.push('placed')
      const context = new ThreadContext(memory)
      return {
        code,
        params,
        context,
        slots: 0,
        finish(ended: Ended) {
          log.push('finished')
          if (ended.state !== STATE.done) throw new Error(`state ${ended.state} ${ended.message}`)
          return ended.value
        },
        release: () => {
          log.push('released')
          memory.give(context.address)
        },
      }
    },
    runHere: () => 'here',
  }
}

/** Resolves when the word at the address is not 0. */
export async function started(memory: KernelMemory, address: number): Promise<void> {
  while (Atomics.load(memory.heap.i32, address >> 2) === 0) await new Promise(resolve => setImmediate(resolve))
}

export function word(memory: KernelMemory): number {
  const address = memory.take(64)
  memory.heap.i32.fill(0, address >> 2, (address + 64) >> 2)
  return address
}

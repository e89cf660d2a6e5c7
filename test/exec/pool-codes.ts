import { IrisError } from '../../base/diagnostic.ts'
import { compileModule, instantiate } from '../../runtime/exec/instance.ts'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import type { KernelPool } from '../../runtime/exec/pool/pool.ts'
import { ThreadContext } from '../../runtime/exec/thread-context.ts'
import { endingOf } from '../../runtime/exec/transaction.ts'
import { call, FOREVER, newCode, newPool, started, word } from './pool-support.ts'
import { watKernel } from './support.ts'

/** Codes of the offload pool, each with what provokes it. */
export const POOL_CODES: Readonly<Record<string, () => Promise<string | undefined>>> = {
  IRIS5006: () => withBusy(({ submit }) => submit({ timeoutMs: 1 })),
  IRIS5007: () => withBusy(({ first }) => first, { timeoutMs: 50 }),
  IRIS5008: () =>
    withBusy(({ submit }) => {
      submit({}).catch(() => undefined)
      return submit({})
    }),
  IRIS5009: () =>
    withBusy(
      ({ submit }) => {
        const oldest = submit({})
        submit({}).catch(() => undefined)
        return oldest
      },
      {},
      'dropold',
    ),
  IRIS5010: () =>
    withBusy(({ pool, first }) => {
      void pool.killOne()
      return first
    }),
  IRIS5011: async () => {
    const pool = newPool()
    await pool.close()
    return codeOf(pool.submit(pool, { place: () => undefined, runHere: () => 1 }))
  },
  IRIS5012: async () => {
    const memory = new KernelMemory({ initial: 1 << 20, maximum: 1 << 20 })
    const context = new ThreadContext(memory)
    const { wasm, plan } = await watKernel(FOREVER)
    const run = instantiate(await compileModule(wasm), plan, context)
    context.stop()
    return codeOf(
      (async () => {
        try {
          run(word(memory))
        } catch (error) {
          endingOf(error, plan, context)
        }
      })(),
    )
  },
}

interface Busy {
  readonly pool: KernelPool
  readonly first: Promise<unknown>
  readonly submit: (settings: { timeoutMs?: number }) => Promise<unknown>
}

/** A pool of one thread and one place in its queue; the thread runs for ever. */
async function withBusy(
  provoke: (busy: Busy) => Promise<unknown>,
  first: { timeoutMs?: number } = {},
  overflow: 'dropnew' | 'dropold' = 'dropnew',
): Promise<string | undefined> {
  const memory = new KernelMemory({ initial: 1 << 20, maximum: 1 << 20 })
  const pool = newPool({ threads: 1, capacity: 1, overflow }, { memory })
  const code = await newCode(FOREVER)
  const mark = word(memory)
  const submit = (settings: { timeoutMs?: number }): Promise<unknown> =>
    pool.submit(pool, call(memory, code, mark), settings)
  // a thread that is there already, so that the deadline counts the run alone
  await pool.submit(pool, call(memory, await newCode('(func (export "run") (result f64) (f64.const 1))')))
  const running = submit(first)
  running.catch(() => undefined)
  await started(memory, mark)
  const found = await codeOf(provoke({ pool, first: running, submit }))
  await pool.destroy()
  return found
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error instanceof IrisError ? error.code : String(error)
  }
}

import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { CompileAnswer, CompileRequest } from '../../compiler/abi.ts'
import {
  type CompileJob,
  type CompileReply,
  CompilerThread,
  type Delay,
  type Thread,
} from '../../runtime/exec/compiler-thread.ts'

const REQUEST = {} as CompileRequest
const ANSWER: CompileAnswer = { ok: false, diagnostics: [] }

class FakeThread extends EventEmitter implements Thread {
  readonly jobs: CompileJob[] = []
  isHolding = true
  isTerminated = false

  override on(event: string, listener: (...args: never[]) => void): this {
    this.isHolding = true // as worker_threads does
    return super.on(event, listener as () => void)
  }
  postMessage(job: CompileJob): void {
    this.jobs.push(job)
    this.emit('job')
  }
  unref(): void {
    this.isHolding = false
  }
  async terminate(): Promise<number> {
    this.isTerminated = true
    this.emit('exit', 1)
    return 1
  }
  reply(reply: CompileReply): void {
    this.emit('message', reply)
  }
}

interface Rig {
  readonly compiler: CompilerThread
  readonly threads: FakeThread[]
  /** runs what waits for the idle time */
  readonly elapse: () => void
  readonly started: () => Promise<FakeThread>
}

function rig(start: () => Promise<Thread> = async () => new FakeThread()): Rig {
  const threads: FakeThread[] = []
  let waiting: (() => void) | undefined
  const delay: Delay = (_ms, then) => {
    waiting = then
    return { cancel: () => void (waiting = undefined) }
  }
  const compiler = new CompilerThread(
    async () => {
      const thread = await start()
      threads.push(thread as FakeThread)
      return thread
    },
    5000,
    delay,
  )
  const started = async (): Promise<FakeThread> => {
    await expect.poll(() => threads.at(-1)?.jobs.length ?? 0).toBeGreaterThan(0)
    return threads.at(-1)!
  }
  return { compiler, threads, elapse: () => waiting?.(), started }
}

describe('the compiler thread', () => {
  it('starts with the first request, answers by number, and never holds the process', async () => {
    const { compiler, threads, started } = rig()
    expect([compiler.isRunning, threads.length]).toEqual([false, 0])
    const first = compiler.compile(REQUEST)
    const second = compiler.compile(REQUEST)
    const thread = await started()
    await expect.poll(() => thread.jobs.length).toBe(2)
    expect([threads.length, thread.isHolding]).toEqual([1, false])
    thread.reply({ id: 1, answer: ANSWER })
    await expect(second).resolves.toBe(ANSWER)
    thread.reply({ id: 0, defect: 'it broke' })
    await expect(first).resolves.toMatchObject({
      diagnostics: [{ code: 'IRIS5003', message: 'the compiler failed: it broke' }],
    })
  })

  it('is let go when it was idle, and starts again', async () => {
    const { compiler, threads, elapse, started } = rig()
    const first = compiler.compile(REQUEST)
    const thread = await started()
    thread.reply({ id: 0, answer: ANSWER })
    await first
    elapse()
    expect(compiler.isRunning).toBe(false)
    await expect.poll(() => thread.isTerminated).toBe(true)
    const second = compiler.compile(REQUEST)
    await expect.poll(() => threads.length).toBe(2)
    await started()
    threads[1]!.reply({ id: 1, answer: ANSWER })
    await expect(second).resolves.toBe(ANSWER)
  })

  it('is not let go while something is pending', async () => {
    const { compiler, elapse, started } = rig()
    const first = compiler.compile(REQUEST)
    const thread = await started()
    thread.reply({ id: 0, answer: ANSWER })
    await first
    const second = compiler.compile(REQUEST)
    elapse()
    expect(thread.isTerminated).toBe(false)
    await expect.poll(() => thread.jobs.length).toBe(2)
    thread.reply({ id: 1, answer: ANSWER })
    await expect(second).resolves.toBe(ANSWER)
  })

  it('turns what was pending into misses when it dies, and the next request starts another', async () => {
    for (const [event, value] of [
      ['error', new Error('out of memory')],
      ['exit', 134],
    ] as const) {
      const { compiler, threads, started } = rig()
      const first = compiler.compile(REQUEST)
      const thread = await started()
      thread.emit(event, value)
      await expect(first).resolves.toMatchObject({ ok: false, diagnostics: [{ code: 'IRIS5003' }] })
      const second = compiler.compile(REQUEST)
      await expect.poll(() => threads.length).toBe(2)
      thread.emit('exit', 1) // the end of the first one is old news
      await started()
      threads[1]!.reply({ id: 1, answer: ANSWER })
      await expect(second).resolves.toBe(ANSWER)
    }
  })

  it('that cannot start is a miss', async () => {
    const { compiler } = rig(async () => {
      throw new Error('no threads here')
    })
    await expect(compiler.compile(REQUEST)).resolves.toMatchObject({
      diagnostics: [{ message: expect.stringContaining('no threads here') }],
    })
    expect(compiler.isRunning).toBe(false)
  })
})

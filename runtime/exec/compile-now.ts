import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { builtFile } from '../../base/files.ts'
import type { CompileAnswer, CompileRequest } from '../../compiler/abi.ts'

/** What the worker is given: where to answer, and the word that wakes the waiting thread. */
export interface NowJob {
  readonly request: CompileRequest
  readonly port: import('node:worker_threads').MessagePort
  readonly done: Int32Array
}

const PATIENCE_MS = 30_000

/**
 * Compiles while this thread waits, in a thread that lives for this one request. For explain(), which is synchronous
 * and wants texts that are not worth making each time; half a second, mostly binaryen's start. Undefined when it failed.
 */
export function compileNow(request: CompileRequest): CompileAnswer | undefined {
  const { port1, port2 } = new MessageChannel()
  const done = new Int32Array(new SharedArrayBuffer(4))
  const job: NowJob = { request, port: port2, done }
  const worker = new Worker(builtFile('runtime/exec/compiler-worker.js'), {
    workerData: job,
    transferList: [port2],
    execArgv: [],
  })
  worker.on('error', () => undefined) // told by the missing answer
  worker.unref()
  Atomics.wait(done, 0, 0, PATIENCE_MS)
  const answer = receiveMessageOnPort(port1)?.message as CompileAnswer | undefined
  port1.close()
  void worker.terminate()
  return answer
}

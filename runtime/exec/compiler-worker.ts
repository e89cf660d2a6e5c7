import { parentPort, workerData } from 'node:worker_threads'
import { invariant } from '../../base/invariant.ts'
import { compile } from '../../compiler/compile.ts'
import { readOutline } from '../../compiler/source/read-outline.ts'
import type { NowJob } from './compile-now.ts'
import type { CompileJob, CompileReply } from './compiler-thread.ts'

/** The compiler's thread: answers requests in order. binaryen lives and dies here. */
const port = parentPort
invariant(port, 'the compiler runs in a worker thread')
if (workerData) await answerNow(workerData as NowJob)
else port.on('message', (job: CompileJob) => void answer(job).then(reply => port.postMessage(reply)))

async function answer(job: CompileJob): Promise<CompileReply> {
  const { id } = job
  try {
    return 'text' in job ? { id, outline: readOutline(job.text) } : { id, answer: await compile(job.request) }
  } catch (error) {
    return { id, defect: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** One answer for a thread that waits, in whatever way this ends. */
async function answerNow({ request, port: to, done }: NowJob): Promise<void> {
  try {
    to.postMessage(await compile(request))
  } finally {
    Atomics.store(done, 0, 1)
    Atomics.notify(done, 0)
  }
}

/** Child process: prints what importing the package costs in time and memory. Run with --expose-gc. */
import { performance } from 'node:perf_hooks'

const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined)

collect()
const memory = process.memoryUsage().rss
const start = performance.now()
await import('iris-fabric' as string)
const ms = performance.now() - start
collect()
console.log(JSON.stringify({ ms, bytes: process.memoryUsage().rss - memory }))

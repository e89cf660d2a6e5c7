import { describe, expect, test } from 'vitest'
import { builtFile } from '../../base/files.ts'
import { childPool } from '../../examples/actors/child-pool.ts'
import type { Example } from '../../examples/actors/example.ts'
import { exitReasons } from '../../examples/actors/exit-reasons.ts'
import { hotSwap } from '../../examples/actors/hot-swap.ts'
import { offloadPool } from '../../examples/actors/offload-pool.ts'
import { overflow } from '../../examples/actors/overflow.ts'
import { pathSupervisor } from '../../examples/actors/path-supervisor.ts'
import { pipeline } from '../../examples/actors/pipeline.ts'
import { push } from '../../examples/actors/push.ts'
import { saga } from '../../examples/actors/saga.ts'
import { tcpServer } from '../../examples/actors/tcp-server.ts'
import { threads } from '../../examples/actors/threads.ts'
import { timers } from '../../examples/actors/timers.ts'
import { virtual } from '../../examples/actors/virtual.ts'

const threadsFromBuild: Example = print => threads(print, builtFile('examples/actors/thread-worker.js'))

const EXAMPLES: readonly (readonly [name: string, example: Example, output: readonly string[]])[] = [
  ['push', push, ['Processed: a message', '1000 messages processed by 1000 actors']],
  ['pull saga', saga, ['Starting saga for order 1...', 'Confirmed', 'Starting saga for order 2...', 'Timed out']],
  [
    'offload pool with kernels on threads',
    offloadPool,
    ['4 prices, all finite: true', 'while they ran, the event loop went on', 'refused: not a number of days'],
  ],
  ['child pool with kernels', childPool, ['at 90: 4.963, at 101: 11.681', 'workers alive: 0']],
  [
    'hot swap and rollback',
    hotSwap,
    ['Logic A', 'Logic B (Upgraded!)', 'Logic B (Upgraded!)', 'version 2', 'back to version 1', 'Logic A'],
  ],
  ['path supervisor', pathSupervisor, ['IRIS6005: cannot pay that', 'replaced: true', 'paid bill 7', 'supervised: 1']],
  [
    'overflow policies',
    overflow,
    [
      'dropnew: send gave true, false; handled: primary one',
      'dropold: send gave true, true; handled: primary two',
      'redirect: send gave true, true; handled: primary one, fallback two',
      'spill: send gave true, true; handled: primary one, primary two, fallback two',
      'block: send gave true, a promise; handled: primary one, primary two',
    ],
  ],
  [
    'virtual actor',
    virtual,
    [
      'active at first: false',
      'it says HELLO, active: true',
      'active when idle: false',
      'it says AGAIN, activations: 2',
    ],
  ],
  ['timers', timers, ['cancelled in time: true', 'beat', 'beat', 'beat', 'tick', 'timers left: 0']],
  [
    'exit reasons',
    exitReasons,
    [
      'EXIT of the one that stopped: Killed',
      'EXIT of the one that finishes: Normal',
      'EXIT of the one that crashes: Crash (out of stock)',
      'EXIT of the one that panics: Panic (Maximum call stack size exceeded)',
    ],
  ],
  [
    'supervised pipeline with back-pressure',
    pipeline,
    ['page 13 again: IRIS6005', '200 pages crawled, restarts: 1', 'supervisor alive: true'],
  ],
  [
    'actor server over TCP',
    tcpServer,
    [
      'greet Ada → ok: hello Ada, you are number 1',
      'divide 1 0 → error: division by zero',
      'divide 6 4 → ok: 1.5',
      'nobody home → error: there is no nobody',
      'greet Grace → ok: hello Grace, you are number 2',
    ],
  ],
  ['actors on threads', threadsFromBuild, ['25997 primes, and the event loop went on: true']],
]

describe('examples', () => {
  test.each(EXAMPLES)('%s', async (_name, example, output) => {
    const lines: string[] = []
    await example(line => lines.push(line))
    expect(lines).toEqual(output)
  })
})

import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { parser } from '../../compiler/source/in-process.ts'
import { type Outline, Unread } from '../../compiler/source/outline.ts'
import { Engine } from '../../runtime/exec/engine.ts'
import { createFrontEnd } from '../../runtime/exec/reader.ts'
import { MODE } from '../../runtime/exec/wrapper.ts'
import { offloadOf } from '../../src/offload.ts'
import { dispatcherOf } from '../../src/registry.ts'
import { inProcess, SMALL_MEMORY } from './support.ts'

const third = (x: number): number => x / 3
const half = (x: number): number => third(x) * 1.5
const helped = (x: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += half(x[i]!)
  return sum
}

/** An engine whose texts are read elsewhere, and that writes down what it asks. */
function rig(answer: (text: string) => Outline | undefined = text => parser.outline(text)) {
  const asked: string[] = []
  const parsers = { count: 0, fails: false }
  const engine = new Engine({
    compiler: {
      ...inProcess,
      outline: async text => {
        asked.push(text)
        await delay()
        return answer(text)
      },
    },
    createFrontEnd,
    parser: {
      load: async () => {
        parsers.count++
        if (parsers.fails) throw new Error('no such file')
        return parser
      },
      loadNow: () => {
        parsers.count++
        return parser
      },
    },
    memoryLimits: () => SMALL_MEMORY,
    profileLimit: 6,
  })
  return { engine, asked, parsers, offload: offloadOf(engine) }
}

const x = Float64Array.of(1, 2, 3)

describe('texts of functions', () => {
  it('are read elsewhere, each once, and those of one depth at once', async () => {
    const { offload, asked, parsers } = rig()
    const kernel = offload(helped)
    await kernel.warmup(x)
    expect(asked).toEqual([helped, half, third].map(String))
    expect(kernel(x)).toBe(helped(x))
    expect(kernel.stats().calls.js).toBe(0)
    await offload(half).warmup(1)
    expect(asked.length).toBe(3)
    expect(parsers.count).toBe(0)
  })

  it('are asked for by the first call, which then leads to compiled code without another one', async () => {
    const { offload, asked } = rig()
    const kernel = offload(helped)
    expect(kernel(x)).toBe(helped(x))
    await dispatcherOf(kernel)?.settled()
    expect(asked[0]).toBe(String(helped))
    const before = kernel.stats().calls.js
    expect(kernel(x)).toBe(helped(x))
    expect(kernel.stats().calls.js).toBe(before)
  })

  it('are read here when nobody else can', async () => {
    const { offload, parsers } = rig(() => undefined)
    const kernel = offload(helped)
    await kernel.warmup(x)
    expect(parsers.count).toBe(1)
    expect(kernel.explain().profiles[0]?.status).toBe('ready')
  })

  it('are read here for whoever cannot wait', () => {
    const { offload, asked, parsers } = rig()
    const own = readFileSync(new URL(import.meta.url), 'utf8').split('\n')
    expect(own[offload(half).explain().source.line! - 1]).toContain(': number => third(')
    expect(parsers.count).toBe(1)
    expect(asked.length).toBe(0)
  })

  it('that cannot be read miss, with the reason', async () => {
    const { offload } = rig()
    const kernel = offload(function* () {
      yield 1
    } as unknown as (x: number) => number)
    await kernel.warmup(1)
    expect(kernel.explain().profiles[0]?.diagnostics[0]?.code).toBe('IRIS1003')
  })

  it('miss when the parser cannot be loaded either', async () => {
    const { offload, engine, parsers } = rig(() => undefined)
    parsers.fails = true
    const defects: unknown[] = []
    engine.events.subscribe((name, event) => void (name === 'defect' && defects.push(event)))
    const kernel = offload(helped)
    await kernel.warmup(x)
    expect(kernel(x)).toBe(helped(x))
    expect(kernel.stats().misses).toMatchObject({ IRIS5003: expect.any(Number) })
    expect(defects.length).toBe(1)
  })
})

describe('what is known', () => {
  it('is forgotten, the oldest first, when there is too much of it, and asked for again', async () => {
    const { engine, asked } = rig(() => ({ takesOnlyScalars: true }))
    await engine.outlines.read(new Unread(['first', ...Array.from({ length: 4095 }, (_, i) => `x => ${i}`)]))
    expect(engine.outlines.outline('first')).toBeDefined()
    await engine.outlines.read(new Unread(['one more']))
    expect(engine.outlines.outline('first')).toBeUndefined()
    expect(engine.outlines.outline('one more')).toBeDefined()
    expect(asked.length).toBe(4097)
  })
})

describe('whether arrays mean "elementwise"', () => {
  const scaled = (a: number): number => a * 2
  it('is known from the outline', async () => {
    const { offload, parsers } = rig()
    const kernel = offload(scaled)
    await kernel.warmup(1)
    expect(kernel(x as never)).toEqual(Float64Array.of(2, 4, 6))
    expect(parsers.count).toBe(0)
  })

  it('is what the text shows, for a kernel that is never compiled', () => {
    const { offload, asked, parsers } = rig()
    const kernel = offload(helped, { tier: 'js' })
    for (let i = 0; i < 5; i++) expect(kernel(x)).toBe(helped(x))
    expect(dispatcherOf(kernel)?.state.mode).toBe(MODE.js)
    expect([asked.length, parsers.count]).toEqual([0, 0])
  })

  it('is read at once when the first call depends on it', () => {
    const { offload, parsers } = rig()
    expect(offload(scaled)(x as never)).toEqual(Float64Array.of(2, 4, 6))
    expect(parsers.count).toBe(1)
  })
})

import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { DIAGNOSTICS, type DiagnosticCode, diagnostic, IrisError, type Span } from '../../base/diagnostic.ts'
import { readFunction } from '../../compiler/source/parse.ts'
import type { Compiler } from '../../runtime/exec/compiler.ts'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import { kernels } from '../../src/kernels/index.ts'
import { alloc, free } from '../../src/memory.ts'
import { offload } from '../../src/offload.ts'
import { POOL_CODES } from '../exec/pool-codes.ts'
import { inProcess, newEngine } from '../exec/support.ts'
import { observe } from './observe.ts'
import { ROWS } from './provocations.ts'

/** Codes that no call of a kernel provokes, each with the test that does. */
const elsewhere: Partial<Record<DiagnosticCode, () => unknown>> = {
  IRIS1002: () => codeOf(() => readFunction('function (', 0)),
  IRIS4101: () => codeOf(() => kernels.sum([1, 2] as never)),
  IRIS4102: () => codeOf(() => kernels.dot(new Float64Array(3), new Float64Array(4))),
  IRIS4103: () => {
    const x = new Float64Array(9)
    return codeOf(() => kernels.add(x.subarray(1), 1, x.subarray(0, 8)))
  },
  IRIS4104: () => codeOf(() => kernels.clamp(new Float64Array(3), 2, 1)),
  IRIS4105: () => codeOf(() => kernels.cholesky(Float64Array.of(1, 2, 2, 1))),
  IRIS5001: () => codeOf(() => new KernelMemory({ initial: 1 << 20, maximum: 1 << 20 }).take(1 << 24)),
  IRIS5002: () => codeOf(() => offload(() => 1, { math: 'fsat' as never })),
  IRIS5003: async () => {
    const broken: Compiler = {
      ...inProcess,
      compile: () => Promise.reject(new Error('planted')),
    }
    const { codes } = await observe(await newEngine(broken), { fn: (x: number) => x * 2, args: () => [1] })
    return [...codes][0]
  },
  IRIS2007: async () => {
    const { imul } = Math
    const fn = runInThisContext('(a, b) => { let s = 0; for (let i = 0; i < 3; i++) s += Math.imul(a, b); return s }')
    const patched = (): unknown[] => {
      Math.imul = () => 7
      return [2, 3]
    }
    try {
      const { codes, different } = await observe(await newEngine(), { fn, args: () => [2, 3], then: [patched] })
      expect(different).toEqual([])
      return [...codes].find(code => code === 'IRIS2007')
    } finally {
      Math.imul = imul
    }
  },
  IRIS5004: () => {
    const view = alloc(Float64Array, 4)
    free(view)
    return codeOf(() => free(view))
  },
  IRIS5005: async () => {
    const present = globalThis.WebAssembly
    Reflect.deleteProperty(globalThis, 'WebAssembly')
    try {
      return await codeOf(() => new KernelMemory({ initial: 1 << 20, maximum: 1 << 20 }))
    } finally {
      Object.defineProperty(globalThis, 'WebAssembly', { value: present, configurable: true, writable: true })
    }
  },
  ...POOL_CODES,
}

async function codeOf(action: () => unknown): Promise<string | undefined> {
  try {
    await action()
    return undefined
  } catch (error) {
    if (error instanceof IrisError) return error.code
    return (error as { diagnostic?: { code: string } }).diagnostic?.code
  }
}

describe('what Iris says', () => {
  it.each(ROWS.map(row => [row.code, row] as const))('%s', async (code, row) => {
    const { codes, diagnostics, different } = await observe(await newEngine(), row)
    expect([...codes]).toContain(code)
    if (!row.isBroadcast) expect(different).toEqual([])
    const said = diagnostics.find(one => one.code === code)
    if (row.at !== undefined) expect(said?.span && textAt(String(row.fn), said.span)).toBe(row.at)
    if (said) {
      expect(said.message).not.toMatch(/\{\w+\}/)
      expect(said.fix.length).toBeGreaterThan(5)
    }
  })

  it.each(Object.entries(elsewhere))('%s', async (code, provoke) => {
    expect(await provoke()).toBe(code)
  })
})

const textAt = (text: string, { start, end }: Span): string => text.slice(start, end)

describe('the table', () => {
  it('has a provoking program for every code of the compiler and the engine', () => {
    const provoked = new Set<string>([...ROWS.map(({ code }) => code), ...Object.keys(elsewhere)])
    const relevant = Object.keys(DIAGNOSTICS).filter(code => /^IRIS[1-5]/.test(code))
    expect(relevant.filter(code => !provoked.has(code))).toEqual([])
  })

  it.each(Object.keys(DIAGNOSTICS) as DiagnosticCode[])('%s has a title and a fix in words', code => {
    const { message, fix } = diagnostic(code)
    expect(message.length).toBeGreaterThan(10)
    expect(fix.length).toBeGreaterThan(4)
    expect(message).not.toMatch(/[.!]$/)
  })
})

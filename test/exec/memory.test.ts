import { describe, expect, it } from 'vitest'
import { ALIGNMENT, Allocator } from '../../runtime/exec/allocator.ts'
import { PAGE, RESERVED } from '../../runtime/exec/memory.ts'
import { Views } from '../../runtime/exec/views.ts'
import { newMemory } from './support.ts'

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

describe('allocator', () => {
  it('gives aligned blocks that never overlap, and takes everything back', () => {
    const next = random(7)
    const allocator = new Allocator(0, 1 << 20)
    const live = new Map<number, number>()
    for (let i = 0; i < 8_000; i++) {
      if (live.size > 0 && next() < 0.5) {
        const address = [...live.keys()][Math.floor(next() * live.size)]!
        allocator.give(address)
        live.delete(address)
      } else {
        const bytes = Math.floor(next() ** 4 * 30_000)
        const address = allocator.take(bytes)
        if (address === undefined) continue
        expect(address % ALIGNMENT).toBe(0)
        const clash = [...live].some(([other, size]) => address + bytes > other && other + size > address)
        expect(clash).toBe(false)
        live.set(address, Math.max(bytes, 1))
      }
      if (live.size > 60) {
        for (const address of [...live.keys()].slice(0, 30)) {
          allocator.give(address)
          live.delete(address)
        }
      }
    }
    for (const address of live.keys()) allocator.give(address)
    expect(allocator.usedBytes).toBe(0)
    expect(allocator.largestFree).toBe(1 << 20)
  })

  it('takes the smallest hole that fits', () => {
    const allocator = new Allocator(0, 64 * 100)
    const [a, , c] = [allocator.take(640)!, allocator.take(64)!, allocator.take(128)!, allocator.take(64)!]
    allocator.give(a)
    allocator.give(c)
    expect(allocator.take(100)).toBe(c)
  })

  it('refuses an address that it did not give', () => {
    expect(() => new Allocator(0, 640).give(64)).toThrow(/no block/)
  })
})

describe('kernel memory', () => {
  it('never hands out the reserved part', () => {
    const memory = newMemory()
    expect(memory.take(1)).toBeGreaterThanOrEqual(RESERVED)
  })

  it('grows without detaching views, and still owns the old buffer', () => {
    const memory = newMemory()
    const views = new Views(memory)
    const first = views.alloc(Float64Array, [1, 2, 3])
    const second = views.alloc(Uint8Array, 3 << 20)
    expect(first.buffer).not.toBe(second.buffer)
    expect([...first]).toEqual([1, 2, 3])
    expect([first, second].map(view => memory.owns(view.buffer))).toEqual([true, true])
    first[1] = 7
    expect(new Float64Array(memory.heap.buffer, first.byteOffset, 3)[1]).toBe(7)
  })

  it('tells sizes when it is full, and works on', () => {
    const views = new Views(newMemory(16 * PAGE))
    const whole = views.alloc(Uint8Array, 15 * PAGE)
    expect(() => views.alloc(Float64Array, 1000)).toThrow(
      /IRIS5001.*8000 bytes wanted, 0 of 1048576 free.*IRIS_MEMORY_MAX/,
    )
    views.free(whole)
    expect(views.alloc(Float64Array, 1000).length).toBe(1000)
  })

  it('uses the free end of the memory when it grows', () => {
    const memory = newMemory(32 * PAGE)
    const views = new Views(memory)
    views.alloc(Uint8Array, 31 * PAGE)
    expect(memory.heap.buffer.byteLength).toBe(32 * PAGE)
  })
})

describe('alloc and free', () => {
  it('gives zeros, also where something lay before', () => {
    const views = new Views(newMemory())
    const old = views.alloc(Float64Array, 100)
    old.fill(3)
    views.free(old)
    expect([...views.alloc(Float64Array, 100)].every(value => Object.is(value, 0))).toBe(true)
  })

  it('takes values from arrays, typed arrays and iterables', () => {
    const views = new Views(newMemory())
    expect([...views.alloc(Int16Array, [1, -2])]).toEqual([1, -2])
    expect([...views.alloc(Float32Array, new Uint8Array([3, 4]))]).toEqual([3, 4])
    expect([...views.alloc(Uint8ClampedArray, new Set([300]))]).toEqual([255])
    expect(views.alloc(Float64Array, 0).length).toBe(0)
  })

  it('refuses a second free, and views of others', () => {
    const views = new Views(newMemory())
    const view = views.alloc(Float64Array, 4)
    views.free(view)
    expect(() => views.free(view)).toThrow(/IRIS5004/)
    expect(() => views.free(new Float64Array(4))).toThrow(/IRIS5002.*not made by alloc/)
    expect(() => views.free(views.alloc(Float64Array, 4).subarray(1))).toThrow(/IRIS5002/)
  })

  it('refuses wrong lengths and constructors', () => {
    const views = new Views(newMemory())
    expect(() => views.alloc(Float64Array, -1)).toThrow(/IRIS5002.*-1/)
    expect(() => views.alloc(Float64Array, 1.5)).toThrow(/IRIS5002.*1.5/)
    expect(() => views.alloc(BigInt64Array as never, 4)).toThrow(/IRIS5002.*BigInt64Array/)
  })

  it('frees at the end of a block, also after an explicit free', () => {
    const memory = newMemory()
    const views = new Views(memory)
    {
      using view = views.alloc(Float64Array, 100)
      expect(memory.usedBytes).toBe(832)
      view[0] = 1
    }
    expect(memory.usedBytes).toBe(0)
    {
      using view = views.alloc(Float64Array, 100)
      views.free(view)
    }
    expect(memory.usedBytes).toBe(0)
  })
})

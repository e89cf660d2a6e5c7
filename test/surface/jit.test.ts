import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from 'vitest'
import { FLAGS, readFlag } from '../../base/env.ts'
import { JitEventHub } from '../../runtime/exec/events.ts'
import { getJitLogging, getQuantumSpeculation, jit, setJitLogging, setQuantumSpeculation } from '../../src/index.ts'
import { publish } from '../../src/jit-log.ts'

afterEach(() => {
  setJitLogging()
  setQuantumSpeculation()
  delete process.env.IRIS_JIT_LOG
  delete process.env.MY_LOG
})

describe('switches', () => {
  it('are set by program, or else by the environment', () => {
    expect([getJitLogging(), setJitLogging(true), getJitLogging(), setJitLogging(false)]).toEqual([
      false,
      true,
      true,
      false,
    ])
    process.env.IRIS_JIT_LOG = '1'
    expect(getJitLogging()).toBe(false)
    expect(setJitLogging()).toBe(true)
    process.env.IRIS_JIT_LOG = 'off'
    expect(getJitLogging()).toBe(false)
    process.env.MY_LOG = 'yes'
    expect(setJitLogging(undefined, 'MY_LOG')).toBe(true)
    expect([getQuantumSpeculation(), setQuantumSpeculation(true)]).toEqual([false, true])
  })
})

describe('events', () => {
  it('reach the log when it is on, and the channels always', () => {
    const hub = new JitEventHub()
    const lines: string[] = []
    publish(hub, line => lines.push(line))
    const seen: unknown[] = []
    const listener = (message: unknown): void => void seen.push(message)
    subscribe('iris:jit:tier-chosen', listener)
    const event = { kernel: 'f', profile: '(number)', tier: 'js', reason: 'r' }
    hub.emit('tier chosen', event)
    expect([seen, lines]).toEqual([[event], []])
    setJitLogging(true)
    hub.emit('tier chosen', event)
    expect(lines).toEqual(['[iris] tier chosen f profile=(number) tier=js reason=r'])
    unsubscribe('iris:jit:tier-chosen', listener)
  })

  it('of a defect are told once, whether the log is on or off', () => {
    const hub = new JitEventHub()
    const lines: string[] = []
    publish(hub, line => lines.push(line))
    const error = new Error('broken')
    hub.emit('defect', { kernel: 'f', error })
    hub.emit('defect', { kernel: 'f', error })
    expect(lines.length).toBe(1)
    expect(lines[0]).toContain('broken')
  })

  it('can be listened to by name', () => {
    expect(typeof jit.on('compile', () => undefined)).toBe('function')
  })
})

describe('flags', () => {
  it('have defaults of their kind, and refuse other texts', () => {
    for (const name of Object.keys(FLAGS) as (keyof typeof FLAGS)[])
      expect(readFlag(name, {})).toBe(FLAGS[name].default)
    expect(readFlag('IRIS_MEMORY_MAX', { IRIS_MEMORY_MAX: '64m' })).toBe(64 << 20)
    expect(readFlag('IRIS_MEMORY_MAX', { IRIS_MEMORY_MAX: '1G' })).toBe(2 ** 30)
    expect(() => readFlag('IRIS_MEMORY_MAX', { IRIS_MEMORY_MAX: 'lots' })).toThrow(/IRIS5002.*"lots".*64m/)
    expect(() => readFlag('IRIS_COMPILER_IDLE_MS', { IRIS_COMPILER_IDLE_MS: '5k' })).toThrow(/whole number/)
  })
})

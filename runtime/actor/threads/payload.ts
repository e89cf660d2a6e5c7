import type { MessagePort } from 'node:worker_threads'
import { receiveMessageOnPort } from 'node:worker_threads'
import { IrisError } from '../../../base/diagnostic.ts'
import { invariant } from '../../../base/invariant.ts'
import { Pid } from '../pid.ts'
import { HEADER_BYTES, LARGEST_PAYLOAD, type RingReader, type RingWriter } from './ring.ts'

/** How a message lies in a record. `PORT`: it was structured-cloned and waits at the message port, in the same order. */
export const UNDEFINED = 0
export const NULL = 1
export const FALSE = 2
export const TRUE = 3
export const NUMBER = 4
export const STRING = 5
export const BYTES = 6
export const PORT = 7
/** Like `PORT`, with pids inside that must be translated. */
export const PORT_WITH_PIDS = 8

/** A pid as another thread can understand it. */
export interface WirePid {
  readonly irisPid: readonly [side: number, index: number, generation: number]
}

export interface PidCodec {
  toWire(pid: Pid): WirePid
  fromWire(wire: WirePid): Pid
}

/** Chosen when the message is sent, so that later changes to it are not seen. */
export interface Encoded {
  readonly kind: number
  readonly value: unknown
  /** Bytes in the record. */
  readonly size: number
}

const SCALARS: readonly unknown[] = [undefined, null, false, true]

/** Decides how a message crosses, and posts what must be cloned. Throws IRIS6017 when it cannot cross. */
export function encode(message: unknown, port: MessagePort, pids: PidCodec): Encoded {
  if (typeof message === 'number') return { kind: NUMBER, value: message, size: 8 }
  const scalar = SCALARS.indexOf(message)
  if (scalar >= 0) return { kind: scalar, value: undefined, size: 0 }
  if (typeof message === 'string' && message.length * 3 <= LARGEST_PAYLOAD) {
    const bytes = Buffer.from(message, 'utf8')
    return { kind: STRING, value: bytes, size: bytes.length + 4 }
  }
  if (isPlainBytes(message)) return { kind: BYTES, value: message.slice(), size: message.length + 4 }
  return post(message, port, pids)
}

function isPlainBytes(message: unknown): message is Uint8Array {
  if (!(message instanceof Uint8Array) || message.length > LARGEST_PAYLOAD) return false
  return !(message.buffer instanceof SharedArrayBuffer)
}

function post(message: unknown, port: MessagePort, pids: PidCodec): Encoded {
  const packed = packPids(message, pids)
  try {
    port.postMessage(packed)
  } catch (cause) {
    throw new IrisError(
      'IRIS6017',
      { reason: cause instanceof Error ? cause.message : 'it cannot be cloned' },
      { cause },
    )
  }
  return { kind: packed === message ? PORT : PORT_WITH_PIDS, value: undefined, size: 0 }
}

/** Puts what `encode` chose behind the header at `offset`. */
export function write(ring: RingWriter, offset: number, { kind, value }: Encoded): void {
  const at = offset + HEADER_BYTES
  if (kind === NUMBER) ring.doubles[at >> 3] = value as number
  else if (kind === STRING || kind === BYTES) {
    const bytes = value as Uint8Array
    ring.words[at >> 2] = bytes.length
    ring.bytes.set(bytes, at + 4)
  }
}

/** Reads the payload behind the header at `offset`. */
export function read(ring: RingReader, offset: number, kind: number, port: MessagePort, pids: PidCodec): unknown {
  const at = offset + HEADER_BYTES
  if (kind === NUMBER) return ring.doubles[at >> 3]
  if (kind <= TRUE) return SCALARS[kind]
  if (kind >= PORT) {
    const received = receiveMessageOnPort(port)
    invariant(received !== undefined, 'the port holds no message for this record')
    return kind === PORT ? received.message : unpackPids(received.message, pids)
  }
  const bytes = ring.bytes.slice(at + 4, at + 4 + ring.words[at >> 2]!)
  return kind === BYTES ? bytes : Buffer.from(bytes.buffer).toString('utf8')
}

/** The message itself when there is no pid in it; else a copy with wire pids. Looks into arrays and plain objects. */
function packPids(message: unknown, pids: PidCodec): unknown {
  const copies = new Map<object, unknown>()
  return containsPid(message, new Set())
    ? rebuild(message, copies, value => (Pid.is(value) ? pids.toWire(value) : undefined))
    : message
}

function unpackPids(message: unknown, pids: PidCodec): unknown {
  return rebuild(message, new Map(), value => (isWirePid(value) ? pids.fromWire(value) : undefined))
}

function isWirePid(value: object): value is WirePid {
  return Array.isArray((value as Partial<WirePid>).irisPid)
}

function containsPid(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false
  if (Pid.is(value)) return true
  if (!isContainer(value)) return false
  seen.add(value)
  return Object.values(value).some(each => containsPid(each, seen))
}

function rebuild(value: unknown, copies: Map<object, unknown>, replace: (value: object) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const replacement = replace(value)
  if (replacement !== undefined) return replacement
  if (!isContainer(value)) return value
  const known = copies.get(value)
  if (known !== undefined) return known
  const copy: Record<string, unknown> = Array.isArray(value) ? ([] as unknown as Record<string, unknown>) : {}
  copies.set(value, copy)
  for (const [key, each] of Object.entries(value)) define(copy, key, rebuild(each, copies, replace))
  return copy
}

/** An own property whatever its name, `__proto__` included. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

function isContainer(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

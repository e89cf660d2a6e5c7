import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import type { CompileAnswer, CompileRequest } from '../../../compiler/abi.ts'
import type { Outline } from '../../../compiler/source/outline.ts'

/**
 * One cached answer of the compiler, or the outline of a function, as bytes: SHA-256 of what follows, then the answer in V8's serialisation, which
 * keeps NaN, -0, undefined and byte arrays (JSON would not).
 */
const DIGEST_BYTES = 32

/**
 * Name of the entry for a request: a hash of source, helpers, captured values, profile and options, and of all that the
 * generated code depends on besides. `compiler` tells builds of the compiler apart.
 */
export function keyOf(request: CompileRequest, compiler: string): string {
  return createHash('sha256')
    .update(JSON.stringify([compiler, process.versions.v8, process.arch, request], withAllNumbers))
    .digest('hex')
}

/** JSON has no NaN, infinities and -0. (V8's serialisation has, but one string in two forms.) */
function withAllNumbers(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value
  return { '#': Object.is(value, -0) ? '-0' : String(value) }
}

/** Name of the entry for the outline of a function's text. */
export const keyOfText = (text: string, compiler: string): string =>
  createHash('sha256')
    .update(JSON.stringify([compiler, 'outline', text]))
    .digest('hex')

export function encodeEntry(entry: CompileAnswer | Outline): Uint8Array {
  const body = serialize(entry)
  return Buffer.concat([digest(body), body])
}

/** Undefined where the bytes are not what {@link encodeEntry} wrote, or hold no valid Wasm. */
export function decodeEntry(bytes: Uint8Array): CompileAnswer | undefined {
  const answer = decode(bytes) as CompileAnswer | undefined
  return answer?.ok && !WebAssembly.validate(answer.wasm as Uint8Array<ArrayBuffer>) ? undefined : answer
}

export const decodeOutline = (bytes: Uint8Array): Outline | undefined => decode(bytes) as Outline | undefined

function decode(bytes: Uint8Array): unknown {
  const body = bytes.subarray(DIGEST_BYTES)
  return digest(body).equals(bytes.subarray(0, DIGEST_BYTES)) ? deserialize(body) : undefined
}

const digest = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest()

import { IrisError } from '../../base/diagnostic.ts'
import { checkInteger } from './check.ts'

/** A buffer to be filled and then sent without a copy. */
export interface SendableBuffer {
  readonly id: number
  readonly bytes: Uint8Array
}

/** Buffers that have been allocated and not sent yet. They are shared memory, so no thread needs a copy either. */
export class Buffers {
  readonly #waiting = new Map<number, Uint8Array>()
  #lastId = 0

  allocate(size: number): SendableBuffer {
    checkInteger('size', size, 0, 2 ** 32)
    const id = ++this.#lastId
    const bytes = new Uint8Array(new SharedArrayBuffer(size))
    this.#waiting.set(id, bytes)
    return { id, bytes }
  }

  /** Sending gives the buffer away: its id is valid once. */
  take(id: number): Uint8Array {
    const bytes = this.#waiting.get(id)
    if (bytes === undefined) {
      throw new IrisError('IRIS5002', {
        name: 'bufferId',
        reason: `${id} was sent already or never allocated`,
        fix: 'call allocateBuffer for each message',
      })
    }
    this.#waiting.delete(id)
    return bytes
  }
}

import type { WasmMemory } from '../memory.ts'

/**
 * Views on a shared memory that may grow on another thread. An address that was handed over lies within the memory by
 * then, so views that are too short are old ones.
 */
export class SharedViews {
  readonly #memory: WasmMemory
  i32: Int32Array<ArrayBufferLike>
  f64: Float64Array<ArrayBufferLike>

  constructor(memory: WasmMemory) {
    this.#memory = memory
    this.i32 = new Int32Array(memory.buffer)
    this.f64 = new Float64Array(memory.buffer)
  }

  /** Makes sure that the bytes before `end` can be seen. */
  reach(end: number): void {
    while (this.i32.byteLength < end) {
      // growth on another thread is told to this one at its next function call or round of a loop
      const { buffer } = this.#memory
      if (buffer.byteLength === this.i32.byteLength) continue
      this.i32 = new Int32Array(buffer)
      this.f64 = new Float64Array(buffer)
    }
  }
}

// Moves the vector constants of a Wasm module into its static data: `v128.const` becomes `v128.load64_splat` (or
// `v128.load`) of a fixed address. V8 makes a constant anew at each use, by three or four instructions, inside loops
// too (Node 20 even when it is a local set before the loop), but a load is one: sin over f64x2 takes 3.0 instead of
// 3.9 ns an element, exp 1.85 instead of 2.4.
import binaryen from 'binaryen'

/** asc drops the memory it was told to import where a module does not use it. The name is what link.ts goes by. */
const MEMORY = '(import "env" "memory" (memory $mimport$0 1 65536 shared))'
const CONSTANT = /\(v128\.const i32x4 (0x[0-9a-f]{8}) (0x[0-9a-f]{8}) (0x[0-9a-f]{8}) (0x[0-9a-f]{8})\)/g

/** Bytes of a word in the notation of a text-format string. */
const escaped = word =>
  [0, 8, 16, 24].map(shift => `\\${((word >>> shift) & 255).toString(16).padStart(2, '0')}`).join('')

/**
 * The module with its constants at `base` and above (a multiple of 16), and the first free address behind them. Zero
 * and all ones stay in the code, where they cost one instruction.
 */
export function poolConstants(bytes, base) {
  const before = binaryen.readBinary(bytes)
  const pool = { address: base, data: '', places: new Map() }
  const place = words => {
    const key = words.join(' ')
    const known = pool.places.get(key)
    if (known !== undefined) return known
    const address = pool.address
    pool.data += words.map(escaped).join('')
    pool.address += 4 * words.length
    pool.places.set(key, address)
    return address
  }
  const text = before.emitText().replace(CONSTANT, (constant, ...found) => {
    const words = found.slice(0, 4).map(Number)
    if (words.every(word => word === 0) || words.every(word => word === 0xffffffff)) return constant
    const halvesAgree = words[0] === words[2] && words[1] === words[3]
    return halvesAgree
      ? `(v128.load64_splat (i32.const ${place(words.slice(0, 2))}))`
      : `(v128.load align=1 (i32.const ${place(words)}))`
  })
  before.dispose()
  if (pool.data === '') return { bytes, end: base }
  const memory = /\(memory \$/.test(text) ? '' : MEMORY
  const fields = text.slice(text.indexOf('(module') + '(module'.length, text.lastIndexOf(')'))
  const after = binaryen.parseText(`(module ${memory} ${fields} (data (i32.const ${base}) "${pool.data}"))`)
  after.setFeatures(binaryen.Features.All)
  if (!after.validate()) throw new Error('kernels/constants.mjs: the module is invalid after moving its constants')
  binaryen.setDebugInfo(true)
  const moved = after.emitBinary()
  after.dispose()
  return { bytes: moved, end: (pool.address + 15) & ~15 }
}

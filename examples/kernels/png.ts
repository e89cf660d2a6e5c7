import { deflateSync } from 'node:zlib'
import { kernels } from '../../src/kernels/index.ts'

/** RGBA pixels as PNG (RFC 2083): signature, header, the rows compressed, end; each part with its CRC-32. */
export function encodePng(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(13))
  header.setUint32(0, width)
  header.setUint32(4, height)
  header.setUint8(8, 8) // bits a channel
  header.setUint8(9, 6) // RGBA
  const rows = new Uint8Array((4 * width + 1) * height) // each row begins with its filter: none
  for (let y = 0; y < height; y++)
    rows.set(pixels.subarray(4 * width * y, 4 * width * (y + 1)), (4 * width + 1) * y + 1)
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]
  return Buffer.concat(parts)
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 12)
  const view = new DataView(out.buffer)
  view.setUint32(0, data.length)
  out.set(new TextEncoder().encode(name), 4)
  out.set(data, 8)
  view.setUint32(data.length + 8, kernels.crc32(out.subarray(4, data.length + 8)))
  return out
}

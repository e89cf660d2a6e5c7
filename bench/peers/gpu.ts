import { createRequire } from 'node:module'
import { builtPath } from '../../base/files.ts'
import { type Peer, SINGLE } from './peer.ts'

const INSTALL = 'npm install --no-save --ignore-scripts gpu.js@2.24.1'

/** gpu.js in its mode `webasm`; no dependency, for it brings 84 MB of WebGPU and an add-on that wants a compiler. */
export const gpuJs = (from: string = import.meta.url): Peer => ({
  name: 'gpu.js',
  find() {
    const require = createRequire(from)
    let version: string
    try {
      version = (require('gpu.js/package.json') as { version: string }).version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
      return { absent: `not installed (${INSTALL})` }
    }
    const command = [process.execPath, builtPath('bench/peers/gpu-child.js')] as const
    return { version: `gpu.js ${version}, webasm`, command, bound: SINGLE, close: () => undefined }
  },
})

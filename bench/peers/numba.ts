import { spawnSync } from 'node:child_process'
import { checkoutFile } from './checkout.ts'
import { NATIVE, type Peer } from './peer.ts'

/** Debian's package belongs to its own Python, which need not be the first one of the path. */
const INTERPRETERS = ['python3', '/usr/bin/python3']

/** Numba with `parallel=True, fastmath=True`. */
export const numba = (interpreters: readonly string[] = INTERPRETERS): Peer => ({
  name: 'numba',
  find() {
    for (const python of interpreters) {
      const asked = spawnSync(python, ['-c', 'import numba; print(numba.__version__)'], { encoding: 'utf8' })
      if (asked.status !== 0) continue
      const command = [python, checkoutFile('bench/peers/kernels.py')] as const
      return { version: `Numba ${asked.stdout.trim()}`, command, bound: NATIVE, close: () => undefined }
    }
    return { absent: 'no python3 with the package numba (Debian: apt install python3-numba)' }
  },
})

import { gcc } from './gcc.ts'
import { gpuJs } from './gpu.ts'
import { numba } from './numba.ts'
import type { Peer } from './peer.ts'

export const PEERS: readonly Peer[] = [gpuJs(), numba(), gcc('gcc'), gcc('gcc-fast', ['-ffast-math'])]

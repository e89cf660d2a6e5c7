/** Someone else's compiler for the kernels of the vector bench. */
export interface Peer {
  readonly name: string
  /** Looks for it on this machine. */
  find(): Found | Absent
}

/** A program that speaks the protocol of protocol.ts. */
export interface Found {
  readonly version: string
  /** the program and what stands before its arguments */
  readonly command: readonly [string, ...string[]]
  /** How far a number may be from JavaScript's; relative from 1 on. */
  readonly bound: Bound
  /** Removes what was made to run it. */
  close(): void
}

export interface Absent {
  /** why, and what to install, in one line */
  readonly absent: string
}

/** For kernels of doubles, and for those with an array of floats. */
export interface Bound {
  readonly f64: number
  readonly f32: number
}

export const isAbsent = (peer: Found | Absent): peer is Absent => 'absent' in peer

/**
 * Compilers that keep doubles may contract, reassociate and bring vector functions of 4 ULP. Sums of 100,000 floats in
 * floats, which JavaScript adds as doubles, are right to some 1e-5.
 */
export const NATIVE: Bound = { f64: 1e-9, f32: 1e-4 }

/** Everything is a float: differences of near angles and sums of products of hundreds cost some digits. */
export const SINGLE: Bound = { f64: 2e-4, f32: 2e-4 }

/**
 * What the threads of a parallel loop share, as 32-bit words in kernel memory. Byte offsets. The owner of the pool is
 * member 0, its threads are the others; each member has a slot in which it offers the loop that it runs.
 */
export const MEMBER = {
  // what the member offers
  /** generation and number of the next part that nobody has taken, or CLOSED */
  state: 0,
  /** number of parts */
  total: 4,
  /** parts that are over */
  done: 8,
  /** 0, or why the loop must stop: a status of compiled code, or one of FAILED */
  failed: 12,
  /** 1: the member sleeps until `done` changes */
  waiting: 16,
  code: 20,
  region: 24,
  lo: 28,
  hi: 32,
  /** counter per part */
  span: 36,
  frame: 40,
  /** counter per result */
  resultSpan: 44,
  // what it is
  /** address of its seat; 0: it is nobody's seat */
  seat: 48,
  context: 52,
  /** address of the slot that it helps with */
  helping: 56,
  /** 1: its thread runs */
  alive: 60,
  bytes: 64,
} as const

export const MOST_MEMBERS = 65
/** Results of parts, 8 bytes each, of each member. */
export const RESULTS = 4096
const RESULT_BYTES = 8 * RESULTS

/** Bytes of a team with so many members. */
export const teamBytes = (members: number): number => members * (MEMBER.bytes + RESULT_BYTES)
export const memberAt = (team: number, index: number): number => team + index * MEMBER.bytes
export const resultsAt = (team: number, members: number, index: number): number =>
  team + members * MEMBER.bytes + index * RESULT_BYTES

/** A state word: 22 bits of generation over 10 bits of part number. */
const PART_BITS = 10
export const CLOSED = (1 << PART_BITS) - 1
export const MOST_PARTS = CLOSED - 1
export const partOf = (state: number): number => state & CLOSED
export const generationOf = (state: number): number => state >>> PART_BITS
export const stateOf = (generation: number, part: number): number => (generation << PART_BITS) | part

/** Reasons to stop that are no status of compiled code (those are -2, -1 and above 0). */
export const FAILED = { overflow: -100, defect: -101, died: -102 } as const

/** What stands in the cancel word of a thread while it helps; names of jobs are below 2^30 (pool/words.ts). */
export const helpToken = (index: number, state: number): number =>
  0x4000_0000 | ((index & 0x7f) << 22) | (generationOf(state) & 0x3f_ffff)

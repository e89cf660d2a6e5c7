import type { Pid } from '../../../runtime/actor/pid.ts'
import type { MonitorReference } from '../../../runtime/actor/system-message.ts'

/** What somebody has been told, which must be exactly once. */
export interface Watch {
  readonly watcher: Member
  readonly target: Member
  readonly kind: 'monitor' | 'link'
  /** The target as the watcher knew it then: of one that is gone it may hear under another pid later. */
  readonly pid: Pid
  reference: MonitorReference | undefined
  told: number
  /** Asked for on the other thread: it may be lost with it while it is on its way. */
  onItsWay: boolean
}

/** An actor on one of the two threads, or, as number 0, the program on the main thread. */
export class Member {
  readonly id: number
  readonly isRemote: boolean
  /** On its own thread. */
  pid: Pid | undefined = undefined
  /** As the main thread knows it. */
  onMain: Pid | undefined = undefined
  /** Of a remote one: those it has heard of, as its thread knows them. */
  readonly met = new Map<Member, Pid>()
  readonly sent = new Map<Member, number>()
  readonly received = new Map<Member, number>()
  readonly watches: Watch[] = []
  /** Its end did not come from its own thread: what it had sent may be on its way. */
  wasKilled = false

  constructor(id: number, isRemote: boolean) {
    this.id = id
    this.isRemote = isRemote
  }

  pidOf(target: Member): Pid | undefined {
    return this.isRemote ? this.met.get(target) : target.onMain
  }

  toString(): string {
    return `${this.isRemote ? 'remote' : 'local'} ${this.id}`
  }
}

/** What crosses: who has sent it, the how many-th it is between the two, and perhaps somebody's pid. */
export interface Letter {
  readonly from: number
  readonly count: number
  readonly asks?: boolean
  readonly meet?: { readonly id: number; readonly pid: Pid }
}

const MOST = 1_000_000

/** The same letter as a number, a string or an object: each crosses in its own way. */
export function encode(letter: Letter, form: number): unknown {
  if (letter.asks || letter.meet || form === 0) return letter
  return form === 1 ? letter.from * MOST + letter.count : `${letter.from}:${letter.count}`
}

export function decode(message: unknown): Letter {
  if (typeof message === 'number') return { from: Math.floor(message / MOST), count: message % MOST }
  if (typeof message !== 'string') return message as Letter
  const [from = 0, count = 0] = message.split(':').map(Number)
  return { from, count }
}

import type { Exit } from './exit.ts'
import type { Pid } from './pid.ts'

/** The other end of a process that lives on another thread or node: what its local stand-in passes on. */
export interface Remote {
  /** Passes a mailbox entry on; false when it cannot. */
  send(entry: unknown): boolean
  /** An exit signal that somebody has sent. */
  signal(from: Pid, exit: Exit): void
  /** The exit of an actor that the stand-in was linked to. */
  linkExit(from: Pid, exit: Exit): void
  /** The stand-in was linked: the other end has to know, for it may outlive this one. */
  linked(other: Pid): void
  unlinked(other: Pid): void
  /** Asks the actor to end; its end comes back as an exit of the stand-in. */
  stop(exit: Exit): void
  /** The stand-in ends: so must the actor, if it still lives. */
  kill(): void
}

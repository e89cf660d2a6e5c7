import type { ExitReason } from './exit.ts'
import type { Pid } from './pid.ts'

export type SystemMessageType = 'EXIT' | 'DOWN'

/** What the runtime itself tells an actor. It reaches the handler, or `recv`, in order with the user messages. */
export class SystemMessage {
  readonly typeName: SystemMessageType
  /** The actor whose exit caused this one; the dead actor itself when nothing else did. */
  readonly fromPid: Pid
  /** The actor that died. */
  readonly targetPid: Pid
  readonly reason: ExitReason
  /** The error of a `Crash` or `Panic`, or what `exit` was given. */
  readonly metadata: unknown
  /** Of a DOWN: what `monitor` returned. */
  readonly reference: MonitorReference | undefined

  constructor(
    typeName: SystemMessageType,
    fromPid: Pid,
    targetPid: Pid,
    reason: ExitReason,
    metadata?: unknown,
    reference?: MonitorReference,
  ) {
    this.typeName = typeName
    this.fromPid = fromPid
    this.targetPid = targetPid
    this.reason = reason
    this.metadata = metadata
    this.reference = reference
  }
}

export function isSystemMessage(message: unknown): message is SystemMessage {
  return message instanceof SystemMessage
}

/** What `monitor` returns: give it to `demonitor`, or find it again in the DOWN message. */
export interface MonitorReference {
  readonly watcher: Pid
  readonly target: Pid
}

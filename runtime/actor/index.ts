export type { SwapOptions } from './behaviour.ts'
export type { MailboxOptions, OverflowPolicy, SendOptions } from './bound.ts'
export type { SendableBuffer } from './buffers.ts'
export type { CallOptions } from './calls.ts'
export type { Context, Reply } from './context.ts'
export type { DeadLetter, DeadLetterCause } from './dead-letters.ts'
export type { ExitReason } from './exit.ts'
export type { Handler, PullHandler } from './handler.ts'
export type { Alarm, Host } from './host.ts'
export type { ActorInfo, ActorKind, Metrics } from './introspection.ts'
export type {
  KernelExecutor,
  OffloadPool,
  OffloadPoolOptions,
  OffloadRequest,
  OffloadRunOptions,
} from './offload-pool.ts'
export type { ActorFactory, PathStrategy, RestartFailure } from './path-supervisor.ts'
export type { Pid } from './pid.ts'
export type { BackpressureLevel } from './pressure.ts'
export type { Matcher, PullMailbox } from './pull.ts'
export { Runtime } from './runtime.ts'
export type { ShutdownOptions } from './shutdown.ts'
export type { SpawnOptions } from './spawner.ts'
export type { ChildSpec, RestartType, SupervisedChild, SupervisorSpec, SupervisorStrategy } from './supervisor.ts'
export type { ObservedMessage, RuntimeEvents, SendOutcome, ThreadSpawnOptions } from './surface.ts'
export type { RuntimeOptions } from './system.ts'
export { isSystemMessage, type MonitorReference, type SystemMessage } from './system-message.ts'
export type { Timer } from './timers.ts'
export type { GhostPolicy, Transaction, TransactionResult, TransactionRuns } from './transaction.ts'
export type { VirtualOptions } from './virtual.ts'

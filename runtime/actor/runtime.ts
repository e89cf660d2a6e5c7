import { EventEmitter } from 'node:events'
import { IrisError } from '../../base/diagnostic.ts'
import type { SwapOptions } from './behaviour.ts'
import { type OverflowPolicy, type SendOptions, setPolicy } from './bound.ts'
import type { SendableBuffer } from './buffers.ts'
import type { CallOptions } from './calls.ts'
import { checkOneOf } from './check.ts'
import { EXIT_REASONS, type Exit, type ExitReason, exitOf, NO_PROCESS } from './exit.ts'
import type { Handler, PullHandler } from './handler.ts'
import { type ActorInfo, actorInfo, type Metrics, metricsOf } from './introspection.ts'
import { type OffloadPool, type OffloadPoolOptions, offloadPool } from './offload-pool.ts'
import type { ActorFactory, PathStrategy } from './path-supervisor.ts'
import type { Pid } from './pid.ts'
import { type BackpressureLevel, pressureOf } from './pressure.ts'
import { DEAD, extrasOf, SUSPENDED } from './process.ts'
import type { Matcher } from './pull.ts'
import { liveProcessOf, processOf } from './resolve.ts'
import type { ShutdownOptions } from './shutdown.ts'
import type { SpawnOptions } from './spawner.ts'
import type { SupervisedChild, SupervisorSpec } from './supervisor.ts'
import type { ObservedMessage, RuntimeEvents, SendOutcome, ThreadSpawnOptions } from './surface.ts'
import { ActorSystem, type RuntimeOptions } from './system.ts'
import { isSystemMessage, type MonitorReference } from './system-message.ts'
import type { Timer } from './timers.ts'
import { GHOST_POLICIES, type GhostPolicy, type TransactionResult, type TransactionRuns } from './transaction.ts'
import type { VirtualOptions } from './virtual.ts'

/** One node's actor system. Every method delegates; the parts are put together in `system.ts`. */
export class Runtime extends EventEmitter<RuntimeEvents> {
  readonly #system: ActorSystem

  /** The parts behind the facade, for the modules of the runtime itself. */
  static systemOf(runtime: Runtime): ActorSystem {
    return runtime.#system
  }

  constructor(options: RuntimeOptions = {}) {
    super()
    this.#system = new ActorSystem(this, options)
    const letters = this.#system.deadLetters
    letters.listener = letter => {
      if (this.listenerCount('deadLetter') > 0) this.#safely(() => this.emit('deadLetter', letter))
    }
    this.#system.threads.onFailure = error => this.#safely(() => this.emit('threadFailed', error))
    this.#system.pathSupervisors.onFailure = failure => this.#safely(() => this.emit('restartFailed', failure))
  }

  // ── making actors ──────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A push actor. A URL names a module whose default export is the handler: the actor lives on one of the scheduler
   * threads, or with `thread: true` on a thread of its own.
   */
  spawn<M = unknown>(handler: Handler<M> | URL, options?: ThreadSpawnOptions): Pid {
    if (!(handler instanceof URL)) return this.#system.spawner.push(handler, options)
    return this.#system.threads.spawn(handler, options, options?.thread ?? false)
  }

  spawnBounded<M = unknown>(handler: Handler<M>, budget: number, capacity: number): Pid {
    return this.#system.spawner.push(handler, { budget, mailbox: { capacity } })
  }

  /** A pull actor; with `{ thread: url }` on a thread of its own, where `mailbox.recvSync()` blocks. */
  spawnWithMailbox(start: PullHandler | { readonly thread: URL }, options?: SpawnOptions): Pid {
    if (typeof start === 'function' || !(start?.thread instanceof URL)) {
      return this.#system.spawner.pull(start as PullHandler, options)
    }
    return this.#system.threads.spawnPull(start.thread, options)
  }

  spawnChild<M = unknown>(parent: Pid, handler: Handler<M> | URL, options?: ThreadSpawnOptions): Pid {
    return this.spawn(handler, { ...options, parent })
  }

  spawnChildWithMailbox(parent: Pid, start: PullHandler | { readonly thread: URL }, options?: SpawnOptions): Pid {
    return this.spawnWithMailbox(start, { ...options, parent })
  }

  spawnChildPool<M = unknown>(parent: Pid, handler: Handler<M> | URL, workers: number, options?: SpawnOptions): Pid[] {
    return Array.from({ length: workers }, () => this.spawnChild(parent, handler, options))
  }

  spawnVirtual<M = unknown>(handler: Handler<M>, options: VirtualOptions & SpawnOptions = {}): Pid {
    return this.#system.spawner.virtual(handler, options)
  }

  /** Supervised workers that run kernels, behind one pid. */
  offloadPool(options: OffloadPoolOptions): OffloadPool {
    return offloadPool(this.#system, this.#system.kernels, options)
  }

  spawnObserved(options?: SpawnOptions): Pid {
    return this.#system.spawner.observed(options)
  }

  // ── messages ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** False when nobody will handle the message. A promise when the receiver's mailbox is full and its policy `block`. */
  send(pid: Pid, message: unknown, options?: SendOptions): boolean | Promise<boolean> {
    return this.#system.delivery.send(pid, message, options)
  }

  sendMany(pid: Pid, messages: Iterable<unknown>): number {
    return this.#system.delivery.sendMany(pid, messages)
  }

  sendNamed(name: string, message: unknown, options?: SendOptions): boolean | Promise<boolean> {
    return this.#system.delivery.send(this.#system.registry.require(name), message, options)
  }

  /** A buffer to be filled and sent by its id, without a copy. */
  allocateBuffer(size: number): SendableBuffer {
    return this.#system.buffers.allocate(size)
  }

  sendBuffer(pid: Pid, bufferId: number): boolean | Promise<boolean> {
    return this.#system.delivery.send(pid, this.#system.buffers.take(bufferId), undefined)
  }

  /** Sends, and tells the pressure on the receiver; `level` is null when it is dead. */
  sendWithBackpressure(pid: Pid, message: unknown): SendOutcome {
    const sent = this.send(pid, message)
    return { sent, level: this.mailboxBackpressure(pid) }
  }

  call<T = unknown>(pid: Pid, message: unknown, options?: CallOptions): Promise<T> {
    return this.#system.calls.call(this.#system.scheduler.current, pid, message, options) as Promise<T>
  }

  sendAfter(target: Pid | string, delayMs: number, message: unknown): Timer {
    return this.#system.timers.sendAfter(target, delayMs, message)
  }

  sendInterval(target: Pid | string, intervalMs: number, message: unknown): Timer {
    return this.#system.timers.sendInterval(target, intervalMs, message)
  }

  cancelTimer(timer: Timer): boolean {
    return this.#system.timers.cancel(timer)
  }

  selectiveRecv(pid: Pid, matcher: Matcher, timeoutSeconds?: number): Promise<unknown> {
    const process = liveProcessOf(pid)
    return this.#system.receiver.receiveFrom(process, matcher, timeoutSeconds)
  }

  getMessages(pid: Pid): ObservedMessage[] {
    return this.#system.receiver.drain(liveProcessOf(pid)).map(observedMessage)
  }

  // ── mailboxes ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** User messages that wait; null for a dead pid. */
  mailboxSize(pid: Pid): number | null {
    return processOf(pid)?.userSize ?? null
  }

  mailboxBackpressure(pid: Pid): BackpressureLevel | null {
    const process = processOf(pid)
    return process === undefined ? null : pressureOf(process)
  }

  setOverflowPolicy(pid: Pid, policy: OverflowPolicy, target?: Pid): void {
    const bound = liveProcessOf(pid).extras?.bound
    if (bound === undefined) {
      throw new IrisError('IRIS5002', { name: 'pid', reason: 'its mailbox has no capacity', fix: 'use spawnBounded' })
    }
    setPolicy(bound, policy, target)
  }

  // ── lives and deaths ───────────────────────────────────────────────────────────────────────────────────────────

  /** False from the moment an actor ends, also while it waits for its children. */
  isAlive(pid: Pid): boolean {
    const process = processOf(pid)
    return process !== undefined && (process.flags & DEAD) === 0
  }

  /** Asks the actor to end: after the message it handles now, before any other. False when it is dead. */
  stop(pid: Pid, options?: { readonly reason?: ExitReason }): boolean {
    const process = processOf(pid)
    if (process === undefined) return false
    this.#system.lifecycle.stop(process, exitOf(checkOneOf('reason', options?.reason ?? 'Killed', EXIT_REASONS)))
    return true
  }

  /** Ends the actor at once; cannot be trapped. */
  kill(pid: Pid): boolean {
    const process = processOf(pid)
    if (process === undefined) return false
    this.#system.links.kill(process)
    return true
  }

  /** Sends an exit signal, as a linked actor's end would. */
  exit(pid: Pid, reason: ExitReason, metadata?: unknown): boolean {
    return this.#system.links.send(this.#system.scheduler.current, pid, reason, metadata)
  }

  /** Resolves once the actor is gone and everybody was told; with `NoProc` when it was not there. */
  join(pid: Pid): Promise<{ readonly reason: ExitReason; readonly metadata: unknown }> {
    const process = processOf(pid)
    if (process === undefined) return Promise.resolve(summary(NO_PROCESS))
    return new Promise(resolve => this.#system.lifecycle.afterExit(process, exit => resolve(summary(exit))))
  }

  suspend(pid: Pid): void {
    liveProcessOf(pid).flags |= SUSPENDED
  }

  resume(pid: Pid): void {
    const process = liveProcessOf(pid)
    process.flags &= ~SUSPENDED
    const { receiver, scheduler } = this.#system
    if (process.size > 0 || receiver.isDue(process)) scheduler.wake(process)
  }

  link(a: Pid, b: Pid): void {
    this.#system.links.link(a, b)
  }

  unlink(a: Pid, b: Pid): void {
    this.#system.links.unlink(a, b)
  }

  trapExit(pid: Pid, on: boolean): void {
    this.#system.links.trapExit(pid, on)
  }

  monitor(watcher: Pid, target: Pid): MonitorReference {
    return this.#system.monitors.monitor(watcher, target)
  }

  demonitor(reference: MonitorReference): boolean {
    return this.#system.monitors.demonitor(reference)
  }

  // ── names and paths ────────────────────────────────────────────────────────────────────────────────────────────

  register(name: string, pid: Pid): void {
    this.#system.registry.register(name, pid)
  }

  unregister(name: string): boolean {
    return this.#system.registry.unregister(name)
  }

  whereis(name: string): Pid | null {
    return this.#system.registry.whereis(name) ?? null
  }

  resolve(name: string): Pid | null {
    return this.whereis(name)
  }

  registerPath(path: string, pid: Pid): void {
    this.#system.paths.register(path, pid)
  }

  unregisterPath(path: string): boolean {
    return this.#system.paths.unregister(path)
  }

  whereisPath(path: string): Pid | null {
    return this.#system.paths.whereis(path) ?? null
  }

  listChildren(prefix: string): [path: string, pid: Pid][] {
    return this.#system.paths.children(prefix)
  }

  listChildrenDirect(prefix: string): [path: string, pid: Pid][] {
    return this.#system.paths.directChildren(prefix)
  }

  // ── supervision ────────────────────────────────────────────────────────────────────────────────────────────────

  /** An OTP-style supervisor. Throws IRIS6020 when a child does not start; those before it are stopped again. */
  supervise(spec: SupervisorSpec): Pid {
    return this.#system.supervisors.supervise(spec)
  }

  supervisorChildren(pid: Pid): SupervisedChild[] {
    return this.#system.supervisors.children(pid)
  }

  createPathSupervisor(path: string): void {
    this.#system.pathSupervisors.create(path)
  }

  /** The actors it watched go on unsupervised. */
  removePathSupervisor(path: string): boolean {
    return this.#system.pathSupervisors.remove(path)
  }

  /** Enters the actor with the supervisor that is nearest to the path. */
  pathSupervisorWatch(path: string, pid: Pid): void {
    this.#system.pathSupervisors.watch(path, pid)
  }

  pathSupervisorChildren(path: string): Pid[] {
    return this.#system.pathSupervisors.children(path)
  }

  /** After an abnormal exit the factory makes a replacement: three attempts, 100 and 200 ms apart. */
  pathSuperviseWithFactory(path: string, pid: Pid, factory: ActorFactory, strategy: PathStrategy = 'restartone'): void {
    this.#system.pathSupervisors.superviseWithFactory(path, pid, factory, strategy)
  }

  /** Counts the actors directly below the prefix among the supervised. */
  watchPath(prefix: string): void {
    this.#system.pathSupervisors.watchPath(prefix)
  }

  /** Every actor that some supervisor looks after. */
  childPids(): Pid[] {
    const { supervisors, pathSupervisors } = this.#system
    const processes = new Set([...supervisors.supervised(), ...pathSupervisors.supervised()])
    return Array.from(processes, process => process.pid)
  }

  childrenCount(): number {
    return this.childPids().length
  }

  // ── transactions ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Runs both, commits the staged effects of exactly one. Rejects with IRIS6022 when nothing was committed. */
  transaction<P, G = P>(pid: Pid, runs: TransactionRuns<P, G>): Promise<TransactionResult<P | G>> {
    return this.#system.transactions.run(pid, runs) as Promise<TransactionResult<P | G>>
  }

  /** A value that a transaction has committed with `set`. */
  committed(pid: Pid, key: string): unknown {
    return this.#system.transactions.committed(pid, key)
  }

  vortexSetAutoGhostPolicy(policy: GhostPolicy): boolean {
    if (!GHOST_POLICIES.includes(policy)) return false
    this.#system.transactions.policy = policy
    return true
  }

  vortexGetAutoGhostPolicy(): GhostPolicy {
    return this.#system.transactions.policy
  }

  vortexGetAutoResolutionCounts(): [primaryWins: number, ghostWins: number] {
    return [this.#system.transactions.primaryWins, this.#system.transactions.ghostWins]
  }

  vortexGetAutoReplayCount(): number {
    return this.#system.transactions.replays
  }

  vortexResetAutoTelemetry(): void {
    this.#system.transactions.reset()
  }

  // ── behaviour ──────────────────────────────────────────────────────────────────────────────────────────────────

  hotSwap<M = unknown>(pid: Pid, handler: Handler<M>, options?: SwapOptions): number {
    return this.#system.behaviours.hotSwap(pid, handler, options)
  }

  behaviorVersion(pid: Pid): number {
    return this.#system.behaviours.version(pid)
  }

  rollbackBehavior(pid: Pid, steps = 1): number {
    return this.#system.behaviours.rollback(pid, steps)
  }

  // ── the system ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** User messages that had no receiver. */
  get deadLetters(): number {
    return this.#system.deadLetters.dead
  }

  listActors(): ActorInfo[] {
    return Array.from(this.#system.table, actorInfo)
  }

  /** Null for a dead pid. */
  actorInfo(pid: Pid): ActorInfo | null {
    const process = processOf(pid)
    return process === undefined ? null : actorInfo(process)
  }

  /** A word about the actor, by itself or its owner; `actorInfo` shows it. */
  setActorHealth(pid: Pid, health: string): void {
    extrasOf(liveProcessOf(pid)).health = health
  }

  getMetrics(): Metrics {
    return metricsOf(this.#system)
  }

  /** How many actors may have a thread of their own, and how many threads the others share. */
  setReleaseGilLimits(maxThreads: number, poolSize: number): void {
    this.#system.threads.setLimits({ dedicated: maxThreads, pool: poolSize })
  }

  /** Whether `thread: true` beyond the limit is an error instead of a place in the pool. */
  setReleaseGilStrict(strict: boolean): void {
    this.#system.threads.setLimits({ strict })
  }

  setSystemCapacity(actors: number): void {
    this.#system.capacity.setCapacity(actors)
  }

  setLoadShedding(on: boolean): void {
    this.#system.capacity.setShedding(on)
  }

  /** Drains or kills by a deadline. Afterwards nothing of the runtime keeps the process alive. */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#system.shutdown.run(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  /** A listener that throws must not stop what it listens to. */
  #safely(emit: () => void): void {
    try {
      emit()
    } catch (error) {
      this.#system.host.macrotask(() => {
        throw error
      })
    }
  }
}

function observedMessage(message: unknown): ObservedMessage {
  return isSystemMessage(message) ? { system: message } : { data: message }
}

function summary({ reason, metadata }: Exit): { readonly reason: ExitReason; readonly metadata: unknown } {
  return { reason, metadata }
}

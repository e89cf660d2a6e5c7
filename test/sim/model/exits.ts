import type { ExitReason } from '../../../runtime/actor/exit.ts'
import { type Actor, Entry, type Exit, type Monitor, type System } from './entities.ts'
import type { Model } from './model.ts'

export const KILLED: Exit = { reason: 'Killed', origin: undefined, metadata: undefined }
export const NORMAL: Exit = { reason: 'Normal', origin: undefined, metadata: undefined }
export const NO_PROCESS: Exit = { reason: 'NoProc', origin: undefined, metadata: undefined }

export function exitOf(reason: ExitReason, origin?: Actor, metadata?: unknown): Exit {
  return { reason, origin, metadata }
}

/** Exits, links, monitors and ownership. Exits caused by an exit come after it, in the order they were caused. */
export class Exits {
  readonly #model: Model
  readonly #tasks: (() => void)[] = []
  #working = false

  constructor(model: Model) {
    this.#model = model
  }

  exit(actor: Actor, exit: Exit): void {
    this.#then(() => {
      if (!actor.dead) this.#leave(actor, exit)
    })
  }

  stop(actor: Actor, exit: Exit): void {
    if (actor.dead || actor.stopping !== undefined) return
    if (actor.busy) actor.stopping = exit
    else this.exit(actor, exit)
  }

  shutDown(actor: Actor, exit: Exit): void {
    this.stop(actor, exit)
    if (actor.dead || !actor.busy || actor.shutdownTimer !== undefined) return
    if (actor.shutdownMs === Number.POSITIVE_INFINITY) return
    actor.shutdownTimer = this.#model.timers.after(actor.shutdownMs, () => this.exit(actor, KILLED))
  }

  /** The handler is done, or the promise it returned. */
  settle(actor: Actor): void {
    actor.busy = false
    if (actor.dead) return
    if (actor.stopping !== undefined) this.exit(actor, actor.stopping)
    else this.#model.ready(actor)
  }

  link(a: Actor, b: Actor): void {
    if (a === b) return
    if (a.gone && b.gone) return
    if (a.gone) this.signal(b, a, NO_PROCESS)
    else if (b.gone) this.signal(a, b, NO_PROCESS)
    else {
      a.links.add(b)
      b.links.add(a)
    }
  }

  unlink(a: Actor, b: Actor): void {
    a.links.delete(b)
    b.links.delete(a)
  }

  signal(actor: Actor, from: Actor, exit: Exit): void {
    if (actor.dead) return
    const origin = exit.origin ?? from
    if (actor.traps)
      this.tell(actor, { typeName: 'EXIT', from: origin, target: from, ...told(exit), monitor: undefined })
    else if (exit.reason !== 'Normal') this.exit(actor, { ...exit, origin })
  }

  tell(actor: Actor, system: System): void {
    if (actor.dead) return
    const entry = new Entry('system', undefined)
    entry.system = system
    this.#model.mail.activate(actor)
    this.#model.push(actor, entry)
  }

  monitor(watcher: Actor, target: Actor): Monitor {
    const monitor: Monitor = { watcher, target, reference: undefined }
    if (target === watcher) return monitor
    if (target.gone) this.#down(monitor, NO_PROCESS)
    else {
      watcher.watching.add(monitor)
      target.watchedBy.add(monitor)
    }
    return monitor
  }

  demonitor(monitor: Monitor): boolean {
    monitor.target.watchedBy.delete(monitor)
    return monitor.watcher.watching.delete(monitor)
  }

  #down(monitor: Monitor, exit: Exit): void {
    const { watcher, target } = monitor
    this.tell(watcher, { typeName: 'DOWN', from: exit.origin ?? target, target, ...told(exit), monitor })
  }

  #then(task: () => void): void {
    this.#tasks.push(task)
    if (this.#working) return
    this.#working = true
    for (let next = this.#tasks.shift(); next !== undefined; next = this.#tasks.shift()) next()
    this.#working = false
  }

  #leave(actor: Actor, exit: Exit): void {
    const model = this.#model
    actor.dead = true
    actor.exit = exit
    actor.readyAt = -1
    model.exited++
    if (actor.name !== undefined && model.names.get(actor.name) === actor) model.names.delete(actor.name)
    for (const path of actor.paths) model.paths.delete(path)
    for (const { timer } of actor.timers) model.timers.cancel(timer)
    actor.timers.clear()
    model.timers.cancel(actor.idleTimer)
    model.mail.leave(actor)
    model.timers.cancel(actor.shutdownTimer)
    actor.supervision?.drop()
    if (actor.children.size > 0) this.#endChildren(actor)
    else this.#finish(actor)
  }

  #endChildren(actor: Actor): void {
    if (actor.kind === 'supervisor') {
      actor.ending = [...actor.children]
      this.#endNext(actor)
      return
    }
    for (const child of [...actor.children].reverse()) this.shutDown(child, exitOf('Shutdown', actor))
  }

  #endNext(actor: Actor): void {
    const left = actor.ending!.filter(child => actor.children.has(child))
    actor.ending = left
    this.shutDown(left.at(-1)!, exitOf('Shutdown', actor))
  }

  #finish(actor: Actor): void {
    const exit = actor.exit!
    actor.gone = true
    this.#model.actors.delete(actor)
    for (const other of actor.links) {
      other.links.delete(actor)
      this.signal(other, actor, exit)
    }
    actor.links.clear()
    for (const monitor of actor.watching) monitor.target.watchedBy.delete(monitor)
    actor.watching.clear()
    for (const monitor of actor.watchedBy) {
      monitor.watcher.watching.delete(monitor)
      this.#down(monitor, exit)
    }
    actor.watchedBy.clear()
    this.#childGone(actor)
    for (const join of actor.joins) this.#model.settle(join, exit.reason)
    this.#model.unsettled = true
  }

  #childGone(actor: Actor): void {
    const { parent } = actor
    if (parent === undefined) return
    parent.children.delete(actor)
    if (!parent.dead) return
    if (parent.children.size === 0) this.#then(() => this.#finish(parent))
    else if (parent.kind === 'supervisor' && parent.ending!.at(-1) === actor) this.#endNext(parent)
  }
}

function told({ reason, metadata }: Exit): { reason: ExitReason; metadata: unknown } {
  return { reason, metadata }
}

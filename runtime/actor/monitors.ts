import { IrisError } from '../../base/diagnostic.ts'
import { type Exit, NO_PROCESS } from './exit.ts'
import type { ExitStep } from './lifecycle.ts'
import type { Pid } from './pid.ts'
import { extrasOf, type Process } from './process.ts'
import { describe, liveProcessOf, processOf } from './resolve.ts'
import { type MonitorReference, SystemMessage } from './system-message.ts'
import type { SystemSender } from './system-sender.ts'

/** One watch of one actor over another: at most one DOWN comes of it. */
export class Monitor implements MonitorReference {
  readonly watcher: Pid
  readonly target: Pid

  constructor(watcher: Pid, target: Pid) {
    this.watcher = watcher
    this.target = target
  }
}

export class Monitors implements ExitStep {
  readonly #sender: SystemSender

  constructor(sender: SystemSender) {
    this.#sender = sender
  }

  /** A dead target is reported at once, with `NoProc`. Who watches itself is never told, as on the BEAM. */
  monitor(watcher: Pid, target: Pid): MonitorReference {
    const process = liveProcessOf(watcher)
    const watched = processOf(target)
    const monitor = new Monitor(watcher, target)
    if (watcher === target) return monitor
    if (watched === undefined) {
      this.#report(process, monitor, NO_PROCESS)
      return monitor
    }
    const own = extrasOf(process)
    own.watching ??= new Set()
    own.watching.add(monitor)
    const theirs = extrasOf(watched)
    theirs.watchedBy ??= new Set()
    theirs.watchedBy.add(monitor)
    return monitor
  }

  /** False when the DOWN has been sent already, or the monitor was given up before. */
  demonitor(reference: MonitorReference): boolean {
    if (!(reference instanceof Monitor)) throw new IrisError('IRIS6001', { found: describe(reference) })
    const watching = processOf(reference.watcher)?.extras?.watching
    processOf(reference.target)?.extras?.watchedBy?.delete(reference)
    return watching?.delete(reference) ?? false
  }

  told(process: Process, exit: Exit): void {
    const { extras } = process
    if (extras === undefined) return
    if (extras.watching !== undefined) {
      for (const monitor of extras.watching) processOf(monitor.target)?.extras?.watchedBy?.delete(monitor)
      extras.watching = undefined
    }
    if (extras.watchedBy === undefined) return
    const monitors = extras.watchedBy
    extras.watchedBy = undefined
    for (const monitor of monitors) this.#tell(monitor, exit)
  }

  #tell(monitor: Monitor, exit: Exit): void {
    const watcher = processOf(monitor.watcher)
    if (watcher?.extras?.watching?.delete(monitor)) this.#report(watcher, monitor, exit)
  }

  #report(watcher: Process, monitor: Monitor, exit: Exit): void {
    const { target } = monitor
    const from = exit.origin ?? target
    this.#sender.send(watcher, new SystemMessage('DOWN', from, target, exit.reason, exit.metadata, monitor))
  }
}

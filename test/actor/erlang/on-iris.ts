import { IrisError } from '../../../base/diagnostic.ts'
import {
  type Context,
  type ExitReason,
  isSystemMessage,
  type MonitorReference,
  type Pid,
  type PullMailbox,
  Runtime,
  type Timer,
} from '../../../runtime/actor/index.ts'
import { VirtualHost } from '../virtual-host.ts'
import type { Command, Reason, Script, Slot, Step } from './script.ts'

/** Milliseconds of virtual time per unit. */
const UNIT = 10

/** A coroutine may need more microtasks from one receive to the next than one settling waits for. */
const SETTLINGS = 4

class Order {
  readonly command: Command

  constructor(command: Command) {
    this.command = command
  }
}

interface Message {
  readonly tag: string
  readonly n: number
}

/** Runs one script in Iris. Lines are `step who what`, as `scripts.erl` writes them. */
export async function onIris(script: Script): Promise<string[]> {
  const play = new Play()
  for (const [i, step] of script.steps.entries()) await play.perform(i + 1, step)
  await play.end()
  return play.lines
}

class Play {
  readonly lines: string[] = []
  /** Who waits in a selective receive gets no order. */
  readonly receiving = new Set<Pid>()
  readonly #host = new VirtualHost()
  readonly #runtime = new Runtime({ host: this.#host })
  readonly #slots = new Map<string, Pid>()
  readonly #labels = new Map<Pid, string>()
  readonly #buried = new Set<Pid>()
  #step = 0

  constructor() {
    for (let i = 0; i < 4; i++) this.#begin(`p${i}`)
  }

  async perform(number: number, step: Step): Promise<void> {
    this.#step = number
    if (step.step === 'do') this.#order(step.who, step.command)
    else if (step.step === 'sleep') await this.#host.advance(step.units * UNIT)
    else if (step.step === 'supervise') this.#supervise(step)
    else if (step.step === 'stop') this.#runtime.stop(this.#slots.get(`s${step.supervisor}`)!, { reason: 'Shutdown' })
    else this.#which(`s${step.supervisor}`)
    for (let i = 0; i < SETTLINGS; i++) await this.#host.settle()
    this.#bury()
  }

  async end(): Promise<void> {
    const over = this.#runtime.shutdown({ deadlineMs: 0, drain: false })
    await this.#host.settle()
    await over
  }

  /** Who has died in this step. */
  #bury(): void {
    for (const [pid, name] of this.#labels) {
      if (this.#runtime.isAlive(pid) || this.#buried.has(pid)) continue
      this.#buried.add(pid)
      this.log(name, 'died')
    }
  }

  #order(who: Slot, command: Command): void {
    const pid = this.#slots.get(label(who))
    if (pid !== undefined && !this.receiving.has(pid)) this.#runtime.send(pid, new Order(command))
  }

  #begin(name: string): Pid {
    const pid = this.#runtime.spawnWithMailbox((mailbox, context) => new Actor(this, context, mailbox).live())
    this.#slots.set(name, pid)
    this.#labels.set(pid, name)
    return pid
  }

  #supervise({ supervisor, strategy, intensity, children }: Step & { readonly step: 'supervise' }): void {
    const specs = children.map((restart, i) => ({
      id: String(i),
      restart,
      start: () => {
        this.log(`s${supervisor}c${i}`, 'start')
        return this.#begin(`s${supervisor}c${i}`)
      },
    }))
    const pid = this.#runtime.supervise({ strategy, intensity, periodMs: 3_600_000, children: specs })
    this.#slots.set(`s${supervisor}`, pid)
    this.#labels.set(pid, `s${supervisor}`)
  }

  #which(name: string): void {
    const pid = this.#slots.get(name)
    if (pid === undefined || !this.#runtime.isAlive(pid)) {
      this.log(name, 'gone')
      return
    }
    const found = this.#runtime.supervisorChildren(pid).map(child => ` ${child.id}:${child.pid !== null}`)
    this.log(name, found.sort().join(''))
  }

  log(who: string, text: string): void {
    this.lines.push(`${this.#step} ${who} ${text}`)
  }

  pid(slot: Slot): Pid | undefined {
    return this.#slots.get(label(slot))
  }

  who(pid: Pid): string {
    return this.#labels.get(pid) ?? 'nobody'
  }
}

/** One process: the loop of `scripts.erl`. */
class Actor {
  readonly #play: Play
  readonly #context: Context
  readonly #mailbox: PullMailbox
  readonly #monitors: MonitorReference[] = []
  readonly #timers: Timer[] = []

  constructor(play: Play, context: Context, mailbox: PullMailbox) {
    this.#play = play
    this.#context = context
    this.#mailbox = mailbox
  }

  async live(): Promise<void> {
    for (;;) {
      const message = await this.#mailbox.recv()
      if (message instanceof Order) {
        if (await this.#obey(message.command)) return
      } else if (isSystemMessage(message)) {
        this.#log(`${message.typeName} ${this.#play.who(message.targetPid)} ${erlangReason(message.reason)}`)
      } else this.#log(`got ${textOf(message as Message)}`)
    }
  }

  #log(text: string): void {
    this.#play.log(this.#play.who(this.#context.self), text)
  }

  /** True when it is to end normally. */
  async #obey(command: Command): Promise<boolean> {
    if ('to' in command) {
      const pid = this.#play.pid(command.to)
      if (pid !== undefined) this.#toward(pid, command)
    } else if (command.do === 'recv') await this.#receive(command.tag, command.units)
    else if (command.do === 'die') return this.#die(command.reason)
    else this.#alone(command)
    return false
  }

  #toward(pid: Pid, command: Command & { readonly to: Slot }): void {
    const context = this.#context
    const { runtime } = context
    if (command.do === 'send') context.send(pid, { tag: command.tag, n: command.n })
    else if (command.do === 'link') context.link(pid)
    else if (command.do === 'unlink') context.unlink(pid)
    else if (command.do === 'monitor') this.#monitors.push(context.monitor(pid))
    else if (command.do === 'alive') this.#log(`alive ${runtime.isAlive(pid)}`)
    else if (command.do === 'exit') this.#exit(pid, command.reason)
    else if (command.do === 'register') this.#answer('register', () => runtime.register(nameOf(command.name), pid))
    else if (command.do === 'send_after')
      this.#timers.push(runtime.sendAfter(pid, command.units * UNIT, { tag: command.tag, n: command.n }))
  }

  #alone(command: Command): void {
    const { runtime } = this.#context
    if (command.do === 'demonitor') this.#demonitor(command.which)
    else if (command.do === 'cancel') this.#cancel(command.which)
    else if (command.do === 'trap') this.#context.trapExit(command.on)
    else if (command.do === 'unregister')
      this.#answer('unregister', () => {
        if (!runtime.unregister(nameOf(command.name))) throw new IrisError('IRIS6006', { name: nameOf(command.name) })
      })
    else if (command.do === 'whereis') {
      const pid = runtime.whereis(nameOf(command.name))
      this.#log(`whereis ${pid === null ? 'nobody' : this.#play.who(pid)}`)
    } else if (command.do === 'send_named')
      this.#answer(
        'send_named',
        () => runtime.sendNamed(nameOf(command.name), { tag: command.tag, n: command.n }),
        'ok',
      )
    else if (command.do === 'send_after_named') {
      const message = { tag: command.tag, n: command.n }
      this.#timers.push(runtime.sendAfter(nameOf(command.name), command.units * UNIT, message))
    }
  }

  async #receive(tag: string, units: number): Promise<void> {
    const seconds = units === Number.POSITIVE_INFINITY ? undefined : (units * UNIT) / 1000
    this.#play.receiving.add(this.#context.self)
    const message = await this.#mailbox.recvMatching(each => (each as Message).tag === tag, seconds)
    this.#play.receiving.delete(this.#context.self)
    this.#log(message === null ? 'nothing' : `picked ${textOf(message as Message)}`)
  }

  #die(reason: 'normal' | 'crash' | 'shutdown'): boolean {
    if (reason === 'crash') throw new Error('crash')
    if (reason === 'shutdown') this.#context.stop('Shutdown')
    return reason === 'normal'
  }

  #exit(pid: Pid, reason: Reason): void {
    if (reason === 'kill') this.#context.runtime.kill(pid)
    else this.#context.exit(pid, IRIS_REASONS[reason])
  }

  #demonitor(which: number): void {
    if (this.#monitors.length === 0) return
    const reference = this.#monitors[which % this.#monitors.length]!
    this.#log(`demonitor ${this.#context.runtime.demonitor(reference)}`)
  }

  #cancel(which: number): void {
    if (this.#timers.length === 0) return
    const timer = this.#timers[which % this.#timers.length]!
    this.#log(`cancel ${this.#context.runtime.cancelTimer(timer)}`)
  }

  #answer(what: string, act: () => unknown, success = 'true'): void {
    let result = success
    try {
      act()
    } catch (error) {
      if (!(error instanceof IrisError)) throw error
      result = 'badarg'
    }
    this.#log(`${what} ${result}`)
  }
}

const IRIS_REASONS: Readonly<Record<Exclude<Reason, 'kill'>, ExitReason>> = {
  normal: 'Normal',
  crash: 'Crash',
  shutdown: 'Shutdown',
  killed: 'Killed',
  timeout: 'Timeout',
}

function erlangReason(reason: ExitReason): string {
  return reason.toLowerCase()
}

function nameOf(name: number): string {
  return `name ${name}`
}

function textOf({ tag, n }: Message): string {
  return `${tag} ${n}`
}

function label(slot: Slot): string {
  return slot[0] === 'c' ? `s${slot[1]}c${slot[2]}` : `${slot[0]}${slot[1]}`
}

import type { Context } from '../../../runtime/actor/context.ts'
import type { Pid } from '../../../runtime/actor/pid.ts'
import type { Process } from '../../../runtime/actor/process.ts'
import { isSystemMessage, type SystemMessage } from '../../../runtime/actor/system-message.ts'
import type { SpawnRequest } from '../../../runtime/actor/threads/wire.ts'
import { Random } from '../../fuzz/random.ts'
import { codeOf, stackOf } from '../world/world.ts'
import { decode, encode, type Letter, Member, type Watch } from './member.ts'
import { type End, Pair } from './pair.ts'

const MOST_MEMBERS = 12
const QUIET_TICKS = 6
/** How a call may fail when its target has died: before it was asked, before it answered, with its thread. */
const DEAD_CODES: readonly string[] = ['IRIS6002', 'IRIS6005', 'IRIS6018']

interface Asked {
  readonly target: Member
  readonly want: string
  /** Undefined while it waits. */
  got: string | undefined
}

/**
 * Actors on two threads, the second within this process. There is no model of every message here, for what crosses is
 * in flight for a while; what must hold is checked as things arrive and when everything has come to rest: messages of
 * one sender in order, each once and none lost; one DOWN for each monitor and one EXIT for each link, after all that the
 * dead had sent; one answer for each call; the same actors alive on both sides.
 */
export class ThreadEpisode {
  steps = 0
  readonly #random: Random
  readonly #pair: Pair
  readonly #log: ((line: string) => void) | undefined
  readonly #program = new Member(0, false)
  readonly #members: Member[] = []
  readonly #linked = new Set<string>()
  #asked: Asked[] = []
  readonly #signals: { readonly by: Member; readonly target: Member; told: number }[] = []
  #violation: string | undefined

  constructor(seed: number, log?: (line: string) => void) {
    this.#random = new Random(seed)
    this.#log = log
    this.#pair = new Pair(this.#random, request => this.#born(request))
  }

  async run(steps: number): Promise<string | undefined> {
    try {
      while (this.steps < steps && this.#violation === undefined) {
        this.steps++
        await this.#step()
        if (this.steps % 150 === 0) await this.#rest()
      }
      if (this.#violation === undefined) await this.#rest()
    } catch (error) {
      this.#fail(stackOf(error))
    } finally {
      this.#pair.close()
    }
    return this.#violation
  }

  async #step(): Promise<void> {
    const choice = this.#random.below(100)
    if (choice < 70) this.#runTask(this.#random.pick([this.#pair.main, this.#pair.thread]))
    else if (choice < 75) this.#passTime(this.#random.pick([0.25, 1, 10]))
    else if (choice < 80) this.#spawn()
    else this.#act(this.#program)
    if (!this.#pair.isCut && this.#random.chance(0.0005)) this.#cut()
    await settle()
  }

  #runTask({ host }: End): void {
    host.tasks.shift()?.()
  }

  #passTime(ms: number): void {
    for (const { host } of this.#ends) host.time += ms
  }

  get #ends(): readonly End[] {
    return this.#pair.isCut ? [this.#pair.main] : [this.#pair.main, this.#pair.thread]
  }

  // ── what actors do ─────────────────────────────────────────────────────────────────────────────────────────────

  #spawn(): void {
    const { main } = this.#pair
    if (this.#members.filter(member => this.#isAlive(member)).length >= MOST_MEMBERS) return
    const isRemote = !this.#pair.isCut && this.#random.chance(0.6)
    const member = new Member(this.#members.length + 1, isRemote)
    this.#members.push(member)
    this.#log?.(`spawn ${member}`)
    if (isRemote) member.onMain = this.#pair.place(String(member.id))
    else {
      member.pid = member.onMain = main.runtime.spawn((message, context) => this.#handle(member, message, context))
      main.runtime.trapExit(member.pid, true)
    }
  }

  /** The thread makes the actor that it was asked for. */
  #born({ url }: SpawnRequest): Process {
    const member = this.#members[Number(url) - 1]!
    const { runtime, system } = this.#pair.thread
    const process = system.spawner.create(
      (message: unknown, context: Context) => this.#handle(member, message, context),
      0,
      undefined,
    )
    member.pid = process.pid
    runtime.trapExit(process.pid, true)
    return process
  }

  #handle(member: Member, message: unknown, context: Context): unknown {
    if (context.self !== member.pid) this.#fail(`${member} runs as ${context.self}`)
    if (isSystemMessage(message)) {
      this.#told(member, message)
      return undefined
    }
    const letter = decode(message)
    this.#arrived(member, letter)
    for (let i = this.#random.below(3); i > 0; i--) this.#act(member)
    if (this.#random.chance(0.01)) throw `error of ${member}`
    return letter.asks ? `answer ${letter.from} ${letter.count}` : undefined
  }

  #act(member: Member): void {
    const known = this.#acquaintances(member)
    const target = known.length === 0 ? undefined : this.#random.pick(known)
    const pid = target && member.pidOf(target)
    if (target === undefined || pid === undefined || target === member) return
    const { runtime } = member.isRemote ? this.#pair.thread : this.#pair.main
    const choice = this.#random.below(40)
    if (choice < 22) this.#send(member, target, pid)
    else if (choice < 27) this.#introduce(member, target, pid)
    else if (choice < 31) this.#ask(member, target, pid)
    else if (member.id > 0 && choice < 34) this.#monitor(member, target, pid)
    else if (member.id > 0 && choice < 37) this.#link(member, target, pid)
    else if (choice === 37) this.#signal(member, target, pid)
    else if (choice === 38) runtime.stop(pid)
    else if (this.#random.chance(0.3)) this.#kill(member, target, pid)
  }

  /** Sometimes those only that the actor watches: what is done to one and the same twice is where states meet. */
  #acquaintances({ isRemote, met, watches }: Member): readonly Member[] {
    if (watches.length > 0 && this.#random.chance(0.3)) return watches.map(({ target }) => target)
    return isRemote ? [...met.keys()] : this.#members
  }

  #send(from: Member, target: Member, pid: Pid, meet?: Letter['meet']): void {
    const { runtime } = from.isRemote ? this.#pair.thread : this.#pair.main
    const count = (from.sent.get(target) ?? 0) + 1
    const letter: Letter = { from: from.id, count, ...(meet && { meet }) }
    this.#log?.(`${from} sends ${count} to ${target}`)
    if (runtime.send(pid, encode(letter, this.#random.below(3)))) from.sent.set(target, count)
  }

  #introduce(from: Member, target: Member, pid: Pid): void {
    const other = this.#random.pick(from.isRemote ? [from, ...from.met.keys()] : this.#members)
    const its = from === other ? from.pid : from.pidOf(other)
    if (its !== undefined) this.#send(from, target, pid, { id: other.id, pid: its })
  }

  #ask(from: Member, target: Member, pid: Pid): void {
    const { runtime } = from.isRemote ? this.#pair.thread : this.#pair.main
    const count = (from.sent.get(target) ?? 0) + 1
    this.#log?.(`${from} asks ${count} of ${target}`)
    if (runtime.isAlive(pid)) from.sent.set(target, count)
    const asked: Asked = { target, want: `answer ${from.id} ${count}`, got: undefined }
    if (!from.isRemote) this.#asked.push(asked)
    const settled = (got: string): void => {
      if (asked.got !== undefined) this.#fail(`${asked.want} settles twice`)
      asked.got = got
    }
    runtime
      .call(pid, { from: from.id, count, asks: true } satisfies Letter, { timeoutMs: Number.POSITIVE_INFINITY })
      .then(
        value => settled(String(value)),
        error => settled((error as { code?: string }).code ?? codeOf(error)),
      )
  }

  #monitor(watcher: Member, target: Member, pid: Pid): void {
    const { runtime } = watcher.isRemote ? this.#pair.thread : this.#pair.main
    this.#log?.(`${watcher} monitors ${target}`)
    const watch: Watch = { watcher, target, kind: 'monitor', pid, reference: undefined, told: 0, onItsWay: false }
    watcher.watches.push(watch)
    watch.reference = runtime.monitor(watcher.pid!, pid)
  }

  /** Once for each pair: what a second link means depends on whether the first is through. */
  #link(watcher: Member, target: Member, pid: Pid): void {
    const { runtime } = watcher.isRemote ? this.#pair.thread : this.#pair.main
    const pair = [watcher.id, target.id].sort().join(' ')
    if (this.#linked.has(pair)) return
    this.#linked.add(pair)
    this.#log?.(`${watcher} links ${target}`)
    watcher.watches.push({ watcher, target, kind: 'link', pid, reference: undefined, told: 0, onItsWay: false })
    const back = target.pidOf(watcher)
    if (back !== undefined)
      target.watches.push({
        watcher: target,
        target: watcher,
        kind: 'link',
        pid: back,
        reference: undefined,
        told: 0,
        onItsWay: true,
      })
    runtime.link(watcher.pid!, pid)
  }

  /** An exit signal that comes from no exit; its metadata is its number. Everybody traps exits. */
  #signal(from: Member, target: Member, pid: Pid): void {
    const { runtime } = from.isRemote ? this.#pair.thread : this.#pair.main
    this.#log?.(`${from} sends an exit signal to ${target}`)
    this.#signals.push({ by: from, target, told: 0 })
    runtime.exit(pid, this.#random.pick(['Normal', 'Crash', 'Timeout']), this.#signals.length - 1)
  }

  #kill(by: Member, target: Member, pid: Pid): void {
    const { runtime } = by.isRemote ? this.#pair.thread : this.#pair.main
    this.#log?.(`${by} kills ${target}`)
    target.wasKilled = true
    runtime.kill(pid)
  }

  #cut(): void {
    this.#log?.('the thread dies')
    for (const member of this.#members) if (member.isRemote) member.wasKilled = true
    this.#pair.cut()
  }

  // ── what must hold ─────────────────────────────────────────────────────────────────────────────────────────────

  #fail(text: string): void {
    this.#violation ??= text
    this.#log?.(`VIOLATION ${text}`)
  }

  #arrived(member: Member, { from, count, meet }: Letter): void {
    const sender = from === 0 ? this.#program : this.#members[from - 1]!
    const before = member.received.get(sender) ?? 0
    this.#log?.(`${member} handles ${count} of ${sender}`)
    if (count !== before + 1) this.#fail(`${member} handles ${count} of ${sender} after ${before}`)
    member.received.set(sender, count)
    if (meet === undefined) return
    const other = this.#members[meet.id - 1]!
    const known = member.isRemote === other.isRemote ? other.pid : member.pidOf(other)
    const { runtime } = member.isRemote ? this.#pair.thread : this.#pair.main
    if (known !== undefined && known !== meet.pid && runtime.isAlive(known))
      this.#fail(`${member} meets ${other} as ${meet.pid}, not ${known}`)
    if (member.isRemote) member.met.set(other, meet.pid)
  }

  #told(member: Member, { typeName, reference, targetPid, metadata }: SystemMessage): void {
    if (typeof metadata === 'number') {
      if (++this.#signals[metadata]!.told > 1) this.#fail(`${member} gets an exit signal twice`)
      return
    }
    const watch = member.watches.find(each =>
      typeName === 'DOWN'
        ? each.kind === 'monitor' && each.reference === reference
        : each.kind === 'link' && [each.pid, member.pidOf(each.target)].map(String).includes(String(targetPid)),
    )
    // Of a link the other end is told as well, and of a monitor set on a dead one before its reference is known.
    if (watch === undefined) return
    const { target } = watch
    this.#log?.(`${member} gets ${typeName} of ${target}`)
    if (++watch.told > 1) this.#fail(`${member} gets ${typeName} of ${target} twice`)
    const [sent, received] = [target.sent.get(member) ?? 0, member.received.get(target) ?? 0]
    if (!target.wasKilled && received !== sent)
      this.#fail(`${member} gets ${typeName} of ${target} after ${received} of its ${sent} messages`)
  }

  #isAlive(member: Member): boolean {
    if (!member.isRemote) return this.#pair.main.runtime.isAlive(member.pid!)
    if (this.#pair.isCut) return false
    return member.pid === undefined || this.#pair.thread.runtime.isAlive(member.pid)
  }

  /** Nothing is in flight any more. */
  async #rest(): Promise<void> {
    for (let round = 0; round < 8; round++) {
      for (let left = 20_000; this.#ends.some(({ host }) => host.tasks.length > 0) && left > 0; left--) {
        for (const end of this.#ends) this.#runTask(end)
        await settle()
        if (this.#violation !== undefined) return
        if (left % 16 === 0) this.#passTime(1)
      }
      this.#passTime(1)
    }
    for (const end of this.#ends) {
      if (end.host.tasks.length > 0) this.#fail('it does not come to rest')
      if (!this.#pair.isCut && end === this.#pair.main && !end.bridge.outbox.isQuiet)
        this.#fail('the thread has not reported that it is idle')
    }
    for (const member of this.#members) this.#checkAtRest(member)
    for (const asked of this.#asked) this.#checkAsked(asked)
    this.#asked = []
    // what was on its way when the thread died is lost
    for (const { by, target, told } of this.#signals)
      if (this.#isAlive(target) && told !== 1 && !(by.isRemote && this.#pair.isCut))
        this.#fail(`${target} got an exit signal ${told} times`)
  }

  #checkAtRest(member: Member): void {
    const isAlive = this.#isAlive(member)
    if (this.#pair.main.runtime.isAlive(member.onMain!) !== isAlive)
      this.#fail(`${member} is ${isAlive ? 'alive' : 'dead'}, and not so on the main thread`)
    if (!isAlive) return
    for (const [other, pid] of member.met)
      if (this.#pair.thread.runtime.isAlive(pid) !== this.#isAlive(other))
        this.#fail(`${other} is ${this.#isAlive(other) ? 'alive' : 'dead'}, and not so for ${member}`)
    for (const sender of [this.#program, ...this.#members]) {
      const [sent, received] = [sender.sent.get(member) ?? 0, member.received.get(sender) ?? 0]
      if (sent !== received && !(sender.wasKilled && this.#pair.isCut))
        this.#fail(`${member} has handled ${received} of the ${sent} messages of ${sender}`)
    }
    for (const watch of member.watches) {
      const { target, kind, told } = watch
      watch.onItsWay &&= this.#pair.isCut
      if (told !== (this.#isAlive(target) ? 0 : 1) && !watch.onItsWay)
        this.#fail(`${member} was told ${told} times of ${target} (${kind})`)
    }
  }

  #checkAsked({ target, want, got }: Asked): void {
    if (got === want || (got !== undefined && DEAD_CODES.includes(got) && !this.#isAlive(target))) return
    this.#fail(`${target} was asked: ${got} instead of ${want}`)
  }
}

/** Promises of the engine come to rest. */
async function settle(): Promise<void> {
  for (let i = 0; i < QUIET_TICKS; i++) await undefined
}

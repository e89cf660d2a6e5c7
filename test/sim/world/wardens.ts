import type { Handler } from '../../../runtime/actor/handler.ts'
import type { PathStrategy } from '../../../runtime/actor/path-supervisor.ts'
import type { Pid } from '../../../runtime/actor/pid.ts'
import type { Actor, Monitor } from '../model/entities.ts'
import { exitOf, NORMAL } from '../model/exits.ts'
import type { Births } from './births.ts'
import type { World } from './world.ts'

const PATHS: readonly string[] = ['/svc', '/svc/a']
const PAUSES: readonly number[] = [100, 200]

interface Ward {
  readonly actor: Actor
  /** The one that the factory was given for. */
  readonly first: Actor
  readonly monitor: Monitor
  readonly strategy: 'watch' | PathStrategy
}

/** One actor that is to be replaced: the attempts made so far, and whether the next is due, once the actor is gone. */
interface Attempt {
  readonly warden: Warden
  readonly old: Actor
  readonly first: Actor
  readonly strategy: PathStrategy
  /** It has children to end, or a message to handle, before it is gone. */
  readonly waits: boolean
  made: number
  due: boolean
}

interface Warden {
  readonly path: string
  readonly actor: Actor
  wards: Ward[]
}

/** Path supervisors: who is responsible for which path, what they replace and when. */
export class Wardens {
  readonly #world: World
  readonly #births: Births
  readonly #byPath = new Map<string, Warden>()
  #attempts: Attempt[] = []
  #failures = 0
  #expectedFailures = 0

  constructor(world: World, births: Births) {
    this.#world = world
    this.#births = births
    world.runtime.on('restartFailed', () => void this.#failures++)
  }

  act(): void {
    const { random } = this.#world
    const path = random.pick(PATHS)
    const choice = random.below(5)
    if (choice === 0) this.#remove(path)
    else if (choice === 1) this.#create(path)
    else this.#supervise(random.pick(['/svc/a', '/svc/ab', '/svc/a/b', '/other']))
  }

  /** After each step: what was due has been done. */
  check(): void {
    this.#attempts = this.#attempts.filter(({ warden, waits, made }) => !waits || made > 0 || !warden.actor.dead)
    if (this.#attempts.some(isDue)) this.#world.fail('a path supervisor did not replace an actor')
    this.#world.expect('restarts that failed', this.#failures, this.#expectedFailures)
  }

  #create(path: string): void {
    const { model, runtime } = this.#world
    const taken = this.#byPath.has(path)
    const code = taken ? 'IRIS6023' : model.live >= model.capacity ? 'IRIS6014' : undefined
    this.#world.log?.(`create path supervisor ${path}`)
    this.#world.attempt('createPathSupervisor', code, () => {
      const actor = code === undefined ? model.create('warden', 100, undefined) : undefined
      runtime.createPathSupervisor(path)
      if (actor === undefined) return
      actor.traps = true
      const warden: Warden = { path, actor, wards: [] }
      this.#byPath.set(path, warden)
      const process = this.#world.lastCreated!
      actor.pid = process.pid
      this.#world.byProcess.set(process, actor)
      process.handler = this.#observed(warden, process.handler)
    })
  }

  #remove(path: string): void {
    const { model, runtime } = this.#world
    const warden = this.#byPath.get(path)
    this.#world.log?.(`remove path supervisor ${path}`)
    if (warden !== undefined) {
      this.#byPath.delete(path)
      model.exits.exit(warden.actor, NORMAL)
    }
    this.#world.expect('removePathSupervisor', runtime.removePathSupervisor(path), warden !== undefined)
  }

  #supervise(path: string): void {
    const actor = this.#world.pick()
    if (actor === undefined) return
    const { runtime, random } = this.#world
    const warden = this.#nearest(path)
    const strategy = random.pick(['watch', 'restartone', 'restartone', 'restartall', 'restartall'] as const)
    const code = actor.dead ? 'IRIS6002' : warden === undefined ? 'IRIS6016' : undefined
    this.#world.log?.(`${strategy} ${actor} at ${path}`)
    this.#world.attempt('path supervision', code && this.#order(code, actor, warden), () => {
      if (code === undefined) this.#watch(warden!, actor, actor, strategy)
      if (strategy === 'watch') runtime.pathSupervisorWatch(path, actor.pid)
      else runtime.pathSuperviseWithFactory(path, actor.pid, () => this.#replace(warden!, actor), strategy)
    })
  }

  /** A path without a supervisor is told first. */
  #order(code: string, actor: Actor, warden: Warden | undefined): string {
    return actor.dead && warden === undefined ? 'IRIS6016' : code
  }

  #watch(warden: Warden, actor: Actor, first: Actor, strategy: Ward['strategy']): void {
    const { exits } = this.#world.model
    for (const ward of warden.wards.filter(each => each.actor === actor)) {
      exits.demonitor(ward.monitor)
      warden.wards.splice(warden.wards.indexOf(ward), 1)
    }
    warden.wards.push({ actor, first, monitor: exits.monitor(warden.actor, actor), strategy })
  }

  #nearest(path: string): Warden | undefined {
    let found: Warden | undefined
    for (const warden of this.#byPath.values()) {
      const covers = path === warden.path || path.startsWith(`${warden.path}/`)
      if (covers && warden.path.length > (found?.path.length ?? 0)) found = warden
    }
    return found
  }

  #observed(warden: Warden, inner: Handler): Handler<unknown> {
    const { model } = this.#world
    return (message, context) => {
      const entry = this.#world.takeHead(warden.actor, message)
      warden.actor.busy = true
      const down = entry.system
      const ward = warden.wards.find(each => each.monitor === down?.monitor)
      if (ward !== undefined && down !== undefined) {
        warden.wards.splice(warden.wards.indexOf(ward), 1)
        if (down.reason !== 'Normal' && down.reason !== 'Shutdown') this.#restart(warden, ward)
      }
      const result = inner(message as never, context)
      model.exits.settle(warden.actor)
      return result
    }
  }

  /** With `restartall` all that have a factory are stopped, the last first, and replaced, the first first. */
  #restart(warden: Warden, cause: Ward): void {
    const { exits } = this.#world.model
    if (cause.strategy === 'watch') return
    const others = cause.strategy === 'restartone' ? [] : warden.wards.filter(({ strategy }) => strategy !== 'watch')
    for (const { actor, monitor } of [...others].reverse()) {
      exits.demonitor(monitor)
      exits.shutDown(actor, exitOf('Shutdown', warden.actor))
    }
    warden.wards = warden.wards.filter(ward => !others.includes(ward))
    for (const { actor, first, strategy } of [cause, ...others])
      this.#attempts.push({
        warden,
        old: actor,
        first,
        strategy: strategy as PathStrategy,
        waits: !actor.gone,
        made: 0,
        due: true,
      })
  }

  /** The runtime calls a factory. */
  #replace(warden: Warden, first: Actor): Pid {
    const { model, random } = this.#world
    const attempt = this.#attempts.find(each => isDue(each) && each.warden === warden && each.first === first)
    model.unsettled = true
    if (attempt === undefined) {
      this.#world.fail(`a factory for ${first} is called without need`)
      throw new Error('uncalled for')
    }
    attempt.due = false
    attempt.made++
    if (random.chance(0.3) || model.live >= model.capacity) return this.#failed(attempt)
    this.#attempts.splice(this.#attempts.indexOf(attempt), 1)
    const made = this.#births.plain()
    this.#adopt(attempt.old, made)
    if (!warden.actor.dead) this.#watch(warden, made, first, attempt.strategy)
    return made.pid
  }

  #failed(attempt: Attempt): never {
    const { model } = this.#world
    const pause = PAUSES[attempt.made - 1]
    if (pause === undefined || attempt.warden.actor.dead) {
      this.#attempts.splice(this.#attempts.indexOf(attempt), 1)
      this.#expectedFailures++
    } else {
      // The runtime starts its pause when the rejection has come through; virtual time stands still until then.
      model.timers.after(pause, () => {
        model.unsettled = true
        if (attempt.warden.actor.dead) this.#attempts.splice(this.#attempts.indexOf(attempt), 1)
        else attempt.due = true
      })
    }
    throw new Error('factory')
  }

  /** The name, the paths and the code of the dead pass to the replacement. */
  #adopt(old: Actor, made: Actor): void {
    const { model } = this.#world
    model.restarts++
    if (old.name !== undefined && made.name === undefined && !model.names.has(old.name)) {
      made.name = old.name
      model.names.set(old.name, made)
    }
    for (const path of old.paths) {
      if (model.paths.has(path)) continue
      model.paths.set(path, made)
      made.paths.add(path)
    }
    model.swaps.inherit(old, made)
  }
}

function isDue({ due, old }: Attempt): boolean {
  return due && old.gone
}

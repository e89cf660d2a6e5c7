import type { World } from './world.ts'

export const NAMES: readonly string[] = ['a', 'b', '__proto__', 'constructor']
const PATHS: readonly string[] = ['/svc', '/svc/a', '/svc/ab', '/svc/a/b', '/other']

/** Names and paths of actors. */
export class Naming {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  register(): void {
    const actor = this.#world.pick()
    if (actor === undefined) return
    const { model, runtime, random } = this.#world
    const name = random.pick(NAMES)
    const code = actor.dead
      ? 'IRIS6002'
      : model.names.has(name)
        ? 'IRIS6007'
        : actor.name !== undefined
          ? 'IRIS6008'
          : undefined
    this.#world.log?.(`register ${actor} as ${name}`)
    this.#world.attempt('register', code, () => runtime.register(name, actor.pid))
    if (code !== undefined) return
    actor.name = name
    model.names.set(name, actor)
  }

  unregister(): void {
    const { model, runtime, random } = this.#world
    const name = random.pick(NAMES)
    const actor = model.names.get(name)
    this.#world.expect('whereis', runtime.whereis(name), actor?.pid ?? null)
    this.#world.expect('unregister', runtime.unregister(name), actor !== undefined)
    if (actor !== undefined) actor.name = undefined
    model.names.delete(name)
  }

  path(): void {
    const { model, runtime, random } = this.#world
    const path = random.pick(PATHS)
    const holder = model.paths.get(path)
    this.#world.expect('whereisPath', runtime.whereisPath(path), holder?.pid ?? null)
    this.#compareBelow(path)
    if (holder !== undefined && random.chance(0.5)) {
      runtime.unregisterPath(path)
      holder.paths.delete(path)
      model.paths.delete(path)
      return
    }
    const actor = this.#world.pick()
    if (actor === undefined) return
    const code = actor.dead ? 'IRIS6002' : holder !== undefined ? 'IRIS6007' : undefined
    this.#world.attempt('registerPath', code, () => runtime.registerPath(path, actor.pid))
    if (code !== undefined) return
    actor.paths.add(path)
    model.paths.set(path, actor)
  }

  #compareBelow(prefix: string): void {
    const found = this.#world.runtime.listChildren(prefix)
    const wanted = [...this.#world.model.paths].filter(([path]) => path.startsWith(`${prefix}/`))
    const same =
      found.length === wanted.length && found.every(([path, pid]) => this.#world.model.paths.get(path)?.pid === pid)
    if (!same) this.#world.fail(`children of ${prefix}: ${found} instead of ${wanted}`)
  }
}

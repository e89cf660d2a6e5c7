import { invariant } from '../../base/invariant.ts'

/** Where `break` and `continue` of one IR label go; Wasm labels are unique within a function. */
export interface Target {
  readonly label: string
  readonly breakTo: string
  readonly continueTo: string
  breaks: boolean
  continues: boolean
}

/** The labels in scope, innermost last: inlined bodies may repeat a label, and the nearest one is meant. */
export class Labels {
  readonly #scope: Target[] = []
  #count = 0

  within<T>(label: string, build: (target: Target) => T): T {
    const name = `${label}.${this.#count++}`
    const target: Target = {
      label,
      breakTo: `break.${name}`,
      continueTo: `continue.${name}`,
      breaks: false,
      continues: false,
    }
    this.#scope.push(target)
    const built = build(target)
    this.#scope.pop()
    return built
  }

  break(label: string): string {
    const target = this.#find(label)
    target.breaks = true
    return target.breakTo
  }

  continue(label: string): string {
    const target = this.#find(label)
    target.continues = true
    return target.continueTo
  }

  #find(label: string): Target {
    const target = this.#scope.findLast(each => each.label === label)
    invariant(target, `label ${label} is not in scope`)
    return target
  }
}

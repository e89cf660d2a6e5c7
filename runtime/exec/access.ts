import type { Access } from '../../compiler/abi.ts'
import { ACCESSOR, readData } from './properties.ts'

/** Live values of the free variables of a kernel and its helpers, and the functions themselves. */
export interface Captured {
  free(func: number, name: string): unknown
  func(index: number): unknown
  /** Whether an instance of a class derived from a typed array (such as Buffer) behaves like one in this program. */
  isPristine(view: ArrayBufferView): boolean
}

/** One call: `this`, the arguments, and how many there were. */
export interface Arguments {
  readonly self: unknown
  readonly values: readonly unknown[]
  readonly count: number
}

interface Step {
  /** register that holds the object; -1: the root itself */
  readonly from: number
  readonly key: string
  readonly access: Access
}

/**
 * The accesses of a plan as a small register program: each object on a path is read once per call, however many
 * fields hang on it.
 */
export class AccessTable {
  readonly #steps: Step[] = []
  readonly #registers = new Map<string, number>()
  readonly #captured: Captured
  /** Register whose reading would have run code, after {@link load} gave false. */
  failed = -1

  constructor(captured: Captured) {
    this.#captured = captured
  }

  /** Number of the register that will hold the value of `access`. */
  register(access: Access): number {
    const key = JSON.stringify(access)
    const known = this.#registers.get(key)
    if (known !== undefined) return known
    const step = this.#step(access)
    const index = this.#steps.push(step) - 1
    this.#registers.set(key, index)
    return index
  }

  nameOf(register: number): string {
    return describeAccess(this.#steps[register]!.access)
  }

  /** Reads every value; false when one of them is behind an accessor or a Proxy. */
  load(call: Arguments, into: unknown[]): boolean {
    for (let i = 0; i < this.#steps.length; i++) {
      const step = this.#steps[i]!
      const value = step.from < 0 ? this.#root(step.access, call) : readData(into[step.from], step.key)
      if (value === ACCESSOR) {
        this.failed = i
        return false
      }
      into[i] = value
    }
    return true
  }

  #step(access: Access): Step {
    const key = access.path.at(-1)
    if (key === undefined) return { from: -1, key: '', access }
    return { from: this.register({ root: access.root, path: access.path.slice(0, -1) }), key, access }
  }

  #root({ root }: Access, call: Arguments): unknown {
    if ('arg' in root) return root.arg < call.count ? call.values[root.arg] : undefined
    return 'this' in root ? call.self : this.#captured.free(root.func, root.free)
  }
}

/** `argument 2`, `this.scale`, `table`: how messages name a value. */
export function describeAccess({ root, path }: Access): string {
  const head = 'arg' in root ? `argument ${root.arg + 1}` : 'this' in root ? 'this' : `\`${root.free}\``
  return path.length === 0 ? head : `${head}.${path.join('.')}`
}

import { invariant } from '../../base/invariant.ts'
import type { CallPlan, Input, ListElement } from '../../compiler/abi.ts'
import { AccessTable, type Arguments, type Captured } from './access.ts'
import type { TypedArray } from './elements.ts'
import { ABANDONED, type Failure, NOT_TAKEN, OTHER_KIND } from './failure.ts'
import { isPristine, pristine } from './hosts.ts'
import { builtinsUsed, type WasmFunction } from './instance.ts'
import type { Invoker } from './invoker.ts'
import {
  copyListIn,
  copyListsBack,
  isPlainArray,
  isWritableList,
  ListCopies,
  listBytes,
  rowElem,
  rowsOf,
} from './lists.ts'
import { hasProperty, isProxy } from './properties.ts'
import { FieldWrites, hasTypedArrays, type Outcome, type Reader, resultReader } from './results.ts'
import type { ThreadContext } from './thread-context.ts'
import { type Ending, runOnce } from './transaction.ts'
import {
  type ArrayUse,
  Backup,
  copyBack,
  copyBytes,
  copyIn,
  resolveOverlaps,
  useArray,
  writesInPlace,
} from './typed-inputs.ts'

type ListInput = Extract<Input, { kind: 'list' }>

/** A plain array of one call. */
interface ListUse {
  readonly array: unknown[]
  readonly input: ListInput
  readonly name: string
}

/** What one call passes, in the order of the parameters: a number, or an array whose address is not known yet. */
type Slot = number | { readonly typed: ArrayUse } | { readonly list: ListUse }

interface Prepared {
  readonly slots: Slot[]
  readonly arrays: ArrayUse[]
  readonly lists: ListUse[]
  /** typed arrays inside lists; they are among `arrays`, too */
  readonly rows: Set<TypedArray>
  bytes: number
}

/** A call of which nothing but the run is missing. */
interface Staged {
  readonly prepared: Prepared
  readonly params: readonly number[]
  readonly backup: Backup | undefined
  readonly lists: ListCopies
  readonly registers: unknown[]
}

/**
 * Executes a plan for any kinds of inputs: guards, copies in, the call, copies back, and the result. Nothing is
 * written to the arguments unless the call succeeds, and no code of the user is run.
 */
export class PlanInvoker implements Invoker {
  failure: Failure = OTHER_KIND
  speculation: string | undefined
  isDirty = false
  readonly #plan: CallPlan
  readonly #run: WasmFunction
  readonly #context: ThreadContext
  readonly #captured: Captured
  readonly #accesses: AccessTable
  readonly #inputs: readonly { readonly input: Input; readonly register: number; readonly other: number }[]
  /** registers of the objects whose fields are read or written */
  readonly #objects: readonly number[]
  readonly #read: Reader
  readonly #writes: FieldWrites
  readonly #builtins: readonly string[]
  readonly #mayReturnInputs: boolean
  #staged: Staged | undefined
  #leastBytes = 0

  constructor(plan: CallPlan, run: WasmFunction, captured: Captured, context: ThreadContext) {
    this.#plan = plan
    this.#run = run
    this.#context = context
    this.#captured = captured
    this.#accesses = new AccessTable(captured)
    this.#inputs = plan.inputs.map(input => ({
      input,
      register: this.#accesses.register(input.access),
      other: input.kind === 'same' ? this.#accesses.register(input.other) : -1,
    }))
    this.#objects = this.#inputs.filter(({ input }) => input.kind === 'object').map(({ register }) => register)
    this.#read = resultReader(plan.result, this.#accesses)
    this.#writes = new FieldWrites(plan.writeBacks, this.#accesses)
    this.#builtins = builtinsUsed(plan)
    this.#mayReturnInputs = hasTypedArrays(plan.result) || plan.writeBacks.some(({ value }) => hasTypedArrays(value))
  }

  call(self: unknown, count: number, values: readonly unknown[]): unknown {
    const registers: unknown[] = []
    this.isDirty = false
    const prepared = this.#prepare({ self, count, values }, registers)
    if (!prepared) return NOT_TAKEN
    if (!this.#context.enter()) return this.#refuse(OTHER_KIND)
    try {
      return this.#transact(prepared, registers)
    } finally {
      this.#context.leave()
    }
  }

  #refuse(failure: Failure): typeof NOT_TAKEN {
    this.failure = failure
    return NOT_TAKEN
  }

  #abandon(failure: Failure, speculation?: string): typeof ABANDONED {
    this.failure = failure
    this.speculation = speculation
    return ABANDONED
  }

  /** Guards only: undefined when the call does not fit. */
  #prepare(call: Arguments, registers: unknown[]): Prepared | undefined {
    const failure = this.#check(call, registers)
    if (failure) return void this.#refuse(failure)
    const prepared: Prepared = { slots: [], arrays: [], lists: [], rows: new Set(), bytes: 0 }
    for (const { input, register, other } of this.#inputs) {
      const refused = this.#take(input, registers[register], registers[other], register, prepared)
      if (refused) return void this.#refuse(refused)
    }
    const conflict = resolveOverlaps(prepared.arrays, this.#mayReturnInputs) ?? this.#conflict(prepared.lists)
    if (conflict) return void this.#refuse(conflict)
    prepared.bytes += copyBytes(prepared.arrays, this.#needsBackup)
    return prepared
  }

  #check(call: Arguments, registers: unknown[]): Failure | undefined {
    const replaced = this.#builtins.find(name => !isPristine(name))
    if (replaced) return { code: 'IRIS2007', values: { name: replaced } }
    if (!this.#accesses.load(call, registers))
      return { code: 'IRIS4005', values: { name: this.#accesses.nameOf(this.#accesses.failed) } }
    const refusing = this.#writes.refusedBy(registers)
    if (refusing >= 0) return { code: 'IRIS4005', values: { name: this.#accesses.nameOf(refusing) } }
    const heir = this.#writes.heirAmong(this.#objects, registers)
    return heir < 0
      ? undefined
      : { code: 'IRIS4009', values: { names: `behind ${this.#accesses.nameOf(heir)} and another` } }
  }

  /** One input of the plan: its guard, and what it passes. */
  #take(input: Input, value: unknown, other: unknown, register: number, into: Prepared): Failure | undefined {
    switch (input.kind) {
      case 'number':
        if (typeof value !== 'number') return OTHER_KIND
        into.slots.push(value)
        return undefined
      case 'boolean':
        if (typeof value !== 'boolean') return OTHER_KIND
        into.slots.push(value ? 1 : 0)
        return undefined
      case 'typed': {
        const use = useArray(this.#context.memory, this.#captured, value, input, this.#accesses.nameOf(register))
        if (!use) return OTHER_KIND
        if (!('array' in use)) return use
        into.arrays.push(use)
        into.slots.push({ typed: use })
        return undefined
      }
      case 'list':
        return this.#takeList(input, value, register, into)
      case 'is':
        return Object.is(value, input.value) ? undefined : OTHER_KIND
      case 'same':
        return (value === other) === input.same ? undefined : OTHER_KIND
      case 'function':
        return this.#isFunction(value, input.target) ? undefined : OTHER_KIND
      case 'object':
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return OTHER_KIND // a class, too
        if (input.absent?.some(name => hasProperty(value, name))) return OTHER_KIND
        return isProxy(value) ? { code: 'IRIS4005', values: { name: this.#accesses.nameOf(register) } } : undefined
    }
  }

  #isFunction(value: unknown, target: number | string): boolean {
    if (typeof target === 'number') return value === this.#captured.func(target)
    const builtin = pristine(target)
    return builtin === undefined ? typeof value === 'function' : value === builtin
  }

  #takeList(input: ListInput, value: unknown, register: number, into: Prepared): Failure | undefined {
    const { element } = input
    const bytes = listBytes(value, element)
    if (bytes === undefined || !isPlainArray(value)) return OTHER_KIND
    const name = this.#accesses.nameOf(register)
    if (input.writes && !isWritableList(value, element)) return { code: 'IRIS4005', values: { name } }
    const list: ListUse = { array: value, input, name }
    into.lists.push(list)
    into.slots.push({ list })
    into.bytes += bytes
    return this.#takeRows(list, into)
  }

  /** Typed arrays inside a list are inputs like others: in no group, so that none may overlap another that is written. */
  #takeRows({ array, input, name }: ListUse, into: Prepared): Failure | undefined {
    const { reads, writes, element } = input
    const elem = rowElem(element)
    if (elem === undefined) return undefined
    const kind = { elem, reads, writes, group: undefined }
    for (const row of rowsOf(array, element)) {
      if (into.rows.has(row) && !writes) continue
      const use = useArray(this.#context.memory, this.#captured, row, kind, `${name}[]`)
      if (!use) return OTHER_KIND
      if (!('array' in use)) return use
      into.rows.add(row)
      into.arrays.push(use)
    }
    return undefined
  }

  /** One array under two names, written through one of them: the compiled code would see two. */
  #conflict(lists: readonly ListUse[]): Failure | undefined {
    for (const [index, list] of lists.entries()) {
      const twin = lists.findIndex(each => each.array === list.array)
      if (twin === index) continue
      if (list.input.writes || lists[twin]!.input.writes)
        return { code: 'IRIS4009', values: { names: `${lists[twin]!.name} and ${list.name}` } }
    }
    return undefined
  }

  get #needsBackup(): boolean {
    return this.#plan.exitsAfterEffect || this.#plan.usesArena
  }

  /** Runs with a larger arena until it suffices or memory is full. */
  #transact(prepared: Prepared, registers: unknown[]): unknown {
    let bytes = prepared.bytes
    for (;;) {
      if (!this.#context.reserve(bytes)) return this.#refuseFull(bytes)
      const ending = this.#attempt(prepared, registers)
      if (ending === 'again') bytes = this.#context.nextSize
      else return ending
    }
  }

  #refuseFull(wanted: number): typeof ABANDONED {
    const { memory } = this.#context
    return this.#abandon({
      code: 'IRIS5001',
      values: { wanted, free: memory.maximumBytes - memory.usedBytes, size: memory.maximumBytes },
    })
  }

  #attempt(prepared: Prepared, registers: unknown[]): unknown {
    const staged = this.#stage(prepared, registers)
    return staged ? this.#conclude(staged, this.#guarded(staged)) : NOT_TAKEN
  }

  /** Everything up to the run. */
  #stage(prepared: Prepared, registers: unknown[]): Staged | undefined {
    const lists = new ListCopies(prepared.arrays)
    const params = this.#copyIn(prepared, lists, registers)
    if (!Array.isArray(params)) return void this.#refuse(params)
    const backup = this.#needsBackup ? new Backup(prepared.arrays, this.#context) : undefined
    this.isDirty = !backup && writesInPlace(prepared.arrays)
    return { prepared, params, backup, lists, registers }
  }

  #conclude({ prepared, backup, lists, registers }: Staged, ending: Ending): unknown {
    if (ending.kind === 'done') {
      const { heap } = this.#context.memory
      const outcome: Outcome = { value: ending.value, heap, slots: this.#context.slots, registers, lists }
      return this.#restoring(backup, () => this.#finish(prepared, outcome))
    }
    backup?.restore()
    return this.#giveUp(ending, !this.isDirty)
  }

  /**
   * The first half of a call that another thread runs: guards and copies. Gives the parameters, or undefined when the call
   * is not taken. {@link complete} or {@link drop} must follow before the next call.
   */
  place(self: unknown, count: number, values: readonly unknown[]): readonly number[] | undefined {
    const registers: unknown[] = []
    const prepared = this.#prepare({ self, count, values }, registers)
    if (!prepared || !this.#context.enter()) return undefined
    const bytes = Math.max(prepared.bytes, this.#leastBytes)
    if (this.#context.reserve(bytes)) this.#staged = this.#stage(prepared, registers)
    else this.#refuseFull(bytes)
    if (!this.#staged) this.#context.leave()
    else this.#context.arm()
    return this.#staged?.params
  }

  /** The second half: the result, ABANDONED, or 'again' when the arena was too small. */
  complete(ending: Ending): unknown {
    const staged = this.#staged
    invariant(staged, 'no call was placed')
    const result = this.#conclude(staged, ending)
    if (result === 'again') this.#leastBytes = this.#context.nextSize
    return result
  }

  /** Ends a placed call. One that did not complete leaves arrays in kernel memory as they were if a copy of them was kept. */
  drop(isComplete: boolean): void {
    if (!this.#staged) return
    if (!isComplete) this.#staged.backup?.restore()
    this.#staged = undefined
    this.#context.leave()
  }

  /** A trap that is our defect leaves the arguments as they were, too. */
  #guarded({ params, backup }: Staged): Ending {
    return this.#restoring(backup, () => runOnce(this.#run, params, this.#plan, this.#context))
  }

  #restoring<T>(backup: Backup | undefined, action: () => T): T {
    try {
      return action()
    } catch (error) {
      backup?.restore()
      throw error
    }
  }

  #giveUp(ending: Exclude<Ending, { kind: 'done' }>, isUntouched: boolean): unknown {
    if (ending.kind === 'arena') return 'again'
    if (ending.kind === 'exit') return this.#abandon(ending.failure, ending.speculation)
    if (!isUntouched) throw ending.error // a second run could repeat an effect; the original would overflow as well
    return this.#abandon({ code: 'IRIS4006', values: { reason: 'the stack was exhausted' } })
  }

  #copyIn(prepared: Prepared, copies: ListCopies, registers: readonly unknown[]): number[] | Failure {
    copyIn(prepared.arrays, this.#context)
    const params: number[] = []
    for (const slot of prepared.slots) {
      if (typeof slot === 'number') params.push(slot)
      else if ('typed' in slot) params.push(slot.typed.address, slot.typed.array.length)
      else {
        const { array, input, name } = slot.list
        const handle = copyListIn(array, input.element as ListElement, name, copies, this.#context)
        if (typeof handle !== 'number') return handle
        params.push(handle)
      }
    }
    if (copies.shared && prepared.lists.some(list => list.input.writes))
      return { code: 'IRIS4009', values: { names: 'in the arguments' } }
    if (this.#writes.meets(registers, copies)) return { code: 'IRIS4009', values: { names: 'in the arguments' } }
    return params
  }

  /** What may fail, for want of memory, comes before the first effect: then the original may still run. */
  #finish(prepared: Prepared, outcome: Outcome): unknown {
    const result = this.#read(outcome)
    const fields = this.#writes.read(outcome)
    this.isDirty = true
    copyBack(prepared.arrays, this.#context)
    if (prepared.lists.some(list => list.input.writes)) copyListsBack(outcome.lists, outcome.heap)
    this.#writes.apply(outcome.registers, fields)
    this.isDirty = false
    return result
  }
}

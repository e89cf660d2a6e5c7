import { type Diagnostic, Miss, type Span } from '../../base/diagnostic.ts'
import type { CompileRequest, SourceFunction, ValueShape } from '../abi.ts'
import { get } from '../ir/build.ts'
import type { ExitSite, Expr } from '../ir/ir.ts'
import type { ListType, Type } from '../ir/types.ts'
import type { FunctionNode, Identifier, Node } from '../source/ast.ts'
import { readSource } from '../source/parse.ts'
import { type Binding, resolveScopes, type ScopeInfo } from '../source/scope.ts'
import type { Activation } from './activation.ts'
import type { Cursor } from './cursor.ts'
import type { Handlers } from './dispatch.ts'
import { assignedMembers } from './effects.ts'
import { type Environment, primitiveStorage, sameValue } from './environment.ts'
import { FunctionBuilder } from './function-builder.ts'
import { Inputs } from './inputs.ts'
import type { Instance } from './instance.ts'
import { assignedBindings } from './syntax.ts'
import { BOOLEAN, NUMBER, type Slot, type Value } from './value.ts'

/** Beyond this many statements a kernel would compile for seconds. */
const MAX_STATEMENTS = 60_000
const MAX_FUNCTIONS = 400

export interface ParsedFunction {
  readonly fn: FunctionNode
  readonly scope: ScopeInfo
}

/** Facts about a program that only its lowering finds out; each new one starts the lowering again. */
export interface Hints {
  /** element type of the list that this expression creates */
  readonly lists: Map<Node, ListType>
  /** fields of the objects in the list that this expression creates */
  readonly records: Map<Node, readonly string[]>
  /** array literals that cannot live in locals */
  readonly materialised: Set<Node>
  /** an array is created with a length: elements that were never set are holes */
  holes: boolean
  /** arrays created here hold booleans or null too */
  anyBox: boolean
  /** functions that must be inlined into their caller, by key */
  readonly inlined: Set<string>
}

/** Thrown when a new hint was found. */
export class Restart extends Error {}

/** Everything that one lowering shares: the parsed sources, the exits, the live inputs and the helper functions. */
export class Program {
  readonly request: CompileRequest
  readonly handlers: Handlers
  readonly hints: Hints
  readonly exits: ExitSite[] = []
  readonly remarks: Diagnostic[] = []
  /** why parts of the program became exits */
  readonly coldMisses: Diagnostic[] = []
  readonly inputs: Inputs
  /** built-in functions that the program calls */
  readonly builtins = new Set<string>()
  readonly entryBuilder = new FunctionBuilder('run')
  readonly numericUses = new Map<Binding, boolean>()
  private readonly loopAssigns = new Map<Node, Set<Binding>>()
  readonly instances = new Map<string, Instance>()
  readonly writtenMembers: ReadonlySet<string>
  /** positions of arguments used as counts and indices, by function */
  readonly integerArguments = new Map<number, Set<number>>()
  /** the scalar that the entry returns, emitted after the fields are written back */
  finalReturn: Expr | undefined
  private readonly parsed: Map<number, ParsedFunction>
  private readonly loops = new Map<Node, Map<string, Environment>>()
  private readonly latestCalls = new Map<FunctionNode, Slot>()
  private statements = 0
  private objects = 0

  constructor(request: CompileRequest, handlers: Handlers, hints: Hints, parsed: Map<number, ParsedFunction>) {
    this.request = request
    this.handlers = handlers
    this.hints = hints
    this.parsed = parsed
    this.inputs = new Inputs(request)
    this.writtenMembers = assignedMembers(request.graph.functions.map((_, index) => () => this.parse(index).fn))
  }

  get speculates(): boolean {
    return this.request.options.speculateIntegers
  }

  source(index: number): SourceFunction {
    const found = this.request.graph.functions[index]
    if (!found) throw new Miss('IRIS1010', { limit: MAX_FUNCTIONS })
    return found
  }

  parse(index: number): ParsedFunction {
    let found = this.parsed.get(index)
    if (!found) {
      const fn = readSource(this.source(index), index)
      found = { fn, scope: resolveScopes(fn, index) }
      this.parsed.set(index, found)
    }
    return found
  }

  free(index: number, name: string): ValueShape | undefined {
    const { free } = this.source(index)
    return Object.hasOwn(free, name) ? free[name] : undefined
  }

  /** Whether a name in a source means the built-in of that name. */
  isBuiltin(index: number, scope: ScopeInfo, id: Identifier): boolean {
    const binding = scope.bindingOf.get(id)
    if (binding && binding.kind !== 'free') return false
    const shape = this.free(index, id.name)
    return shape === undefined || (shape.k === 'builtin' && shape.name === id.name)
  }

  textOf(index: number, node: Node): string {
    return this.source(index).text.slice(node.start, node.end).slice(0, 60)
  }

  exitSite(reason: string, span: Span, speculation?: string): number {
    this.exits.push({ reason, span, ...(speculation && { speculation }) })
    return this.exits.length - 1
  }

  /** Bounds the size of what is lowered. */
  count(statements: number): void {
    this.statements += statements
    if (this.statements > MAX_STATEMENTS)
      throw new Miss('IRIS1010', { limit: `${MAX_STATEMENTS} statements; ${MAX_FUNCTIONS}` })
  }

  /** Variables that are assigned inside a part of the program. */
  assignedIn(c: Cursor, node: Node): Set<Binding> {
    let known = this.loopAssigns.get(node)
    if (!known) this.loopAssigns.set(node, (known = assignedBindings(node, c.activation.scope)))
    return known
  }

  /** The pseudo-variable that holds the latest inlined call of a function, as a closure. */
  latest(fn: FunctionNode): Slot {
    let slot = this.latestCalls.get(fn)
    if (!slot) this.latestCalls.set(fn, (slot = { name: 'latest' }))
    return slot
  }

  nextObject(): number {
    return this.objects++
  }

  addHint(add: () => void): never {
    add()
    throw new Restart()
  }

  /** First guess about the variables at a loop's head: what an earlier visit found, and storage for those assigned in it. */
  loopAssumption(c: Cursor, node: Node, entry: Environment, assigned: ReadonlySet<Slot>): Environment {
    const known = this.loops.get(node)?.get(c.activation.path)
    const assumption: Environment = new Map(entry)
    for (const [slot, value] of entry) {
      const before = known?.get(slot)
      if (before) assumption.set(slot, before)
      else if (assigned.has(slot) && value.k === 'number')
        assumption.set(slot, primitiveStorage(c.builder, slot, NUMBER))
      else if (assigned.has(slot) && value.k === 'boolean')
        assumption.set(slot, primitiveStorage(c.builder, slot, BOOLEAN))
    }
    return assumption
  }

  rememberLoop(node: Node, activation: Activation, assumption: Environment, entry: Environment): void {
    const changed: Environment = new Map(
      [...assumption].filter(([slot, value]) => !entry.has(slot) || !sameValue(entry.get(slot)!, value)),
    )
    let byPath = this.loops.get(node)
    if (!byPath) this.loops.set(node, (byPath = new Map()))
    byPath.set(activation.path, changed)
  }
}

export const typeOfLocal = (c: Cursor, local: number): Type => c.builder.locals[local]!.type
export const getLocal = (c: Cursor, local: number): ReturnType<typeof get> => get(local, typeOfLocal(c, local))
export type { Value }

import { type DiagnosticArguments, type DiagnosticCode, diagnostic, Miss, type Span } from '../../base/diagnostic.ts'
import { get } from '../ir/build.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { Type } from '../ir/types.ts'
import type { Node } from '../source/ast.ts'
import type { Activation } from './activation.ts'
import { type Edge, type Environment, merge, sameEnvironment, valueIn } from './environment.ts'
import { type FunctionBuilder, PAD } from './function-builder.ts'
import type { Program } from './program.ts'
import { hasEffects } from './syntax.ts'
import type { Slot, Value } from './value.ts'

/** A label that jumps can reach; `edges` are the jumps seen so far. */
export interface Target {
  readonly label: string
  readonly edges: Edge[]
}

/**
 * Where the lowering stands: the function it builds, the statements it appends to, and what the variables hold here.
 * `env` is null where control cannot come (after a jump).
 */
export class Cursor {
  readonly program: Program
  readonly builder: FunctionBuilder
  activation: Activation
  env: Environment | null
  out: Stmt[]
  /** loops that `breakIf` and its kin reach, innermost last */
  readonly controls: { readonly onBreak: Target; readonly onContinue: Target }[] = []

  constructor(program: Program, builder: FunctionBuilder, activation: Activation) {
    this.program = program
    this.builder = builder
    this.activation = activation
    this.env = new Map()
    this.out = builder.body
  }

  emit(stmt: Stmt): void {
    this.program.count(1)
    this.out.push(stmt)
  }

  span(node: Node): Span {
    return { source: this.activation.source, start: node.start, end: node.end }
  }

  miss(node: Node, code: DiagnosticCode, values: DiagnosticArguments = {}): Miss {
    return new Miss(code, values, this.span(node))
  }

  unsupported(node: Node, what: string): Miss {
    return this.miss(node, 'IRIS2001', { what })
  }

  get(slot: Slot): Value | undefined {
    return this.env ? valueIn(this.env, slot) : undefined
  }

  put(slot: Slot, value: Value): void {
    this.env?.set(slot, value)
  }

  /** Whether evaluating a part of the function that is being lowered may write a variable or memory. */
  hasEffects(node: Node): boolean {
    const { source, scope } = this.activation
    return hasEffects(node, id => this.program.isBuiltin(source, scope, id))
  }

  /** Keeps the value of an expression where it would be evaluated twice or too late. */
  temp(expr: Expr, name = 't'): Expr {
    if (expr.kind === 'const') return expr
    const local = this.builder.local(name, expr.type)
    this.emit({ kind: 'set', local, value: expr })
    return get(local, expr.type)
  }

  tempLocal(name: string, type: Type): LocalId {
    return this.builder.local(name, type)
  }

  /** Leave the call for good: the rest of this path is dead. */
  exit(node: Node, reason: string, speculation?: string): void {
    if (!this.env) return
    this.emit({ kind: 'exit', site: this.program.exitSite(reason, this.span(node), speculation) })
    this.env = null
  }

  /** Leave the call when the test holds. */
  exitIf(test: Expr, node: Node, reason: string, speculation?: string): void {
    if (test.kind === 'const' && test.value === 0) return
    const site = this.program.exitSite(reason, this.span(node), speculation)
    this.emit({ kind: 'if', test, then: [{ kind: 'exit', site }], else: [] })
  }

  /** Runs `lower` with an output of its own; gives the statements. */
  capture(lower: () => void): Stmt[] {
    const saved = this.out
    const mine: Stmt[] = []
    this.out = mine
    lower()
    this.out = saved
    return mine
  }

  private pad(): Stmt[] {
    const body: Stmt[] = []
    this.out.push({ kind: 'block', label: PAD, body })
    return body
  }

  jump(target: Target, kind: 'break' | 'continue' = 'break'): void {
    if (!this.env) return
    target.edges.push({ env: new Map(this.env), pad: this.pad() })
    this.out.push({ kind, label: target.label })
    this.env = null
  }

  private fallThrough(edges: Edge[]): void {
    if (this.env) edges.push({ env: this.env, pad: this.pad() })
  }

  /** `block`: jumps to the target arrive after it. */
  block(hint: string, lower: (target: Target) => void): void {
    const target: Target = { label: this.builder.label(hint), edges: [] }
    const body = this.capture(() => {
      lower(target)
      this.fallThrough(target.edges)
    })
    this.out.push({ kind: 'block', label: target.label, body })
    this.env = merge(this.builder, target.edges)
  }

  /**
   * A block whose body was lowered before: jumps to the target arrive here, and so does control that is here already
   * (the body of the case above falls through).
   */
  joinBlock(target: Target, body: Stmt[]): void {
    const inner = this.capture(() => {
      this.out.push(...body)
      this.fallThrough(target.edges)
    })
    this.out.push({ kind: 'block', label: target.label, body: inner })
    this.env = merge(this.builder, target.edges)
  }

  /** Two-way branch; `then` and `otherwise` see refined environments of their own. */
  branch(test: Expr, then: () => void, otherwise: () => void, node?: Node): void {
    if (!this.env) return
    if (test.kind === 'const') return test.value !== 0 ? then() : otherwise()
    const before = this.env
    const edges: Edge[] = []
    const arm = (lower: () => void): Stmt[] => {
      this.env = new Map(before)
      return this.capture(() => {
        lower()
        this.fallThrough(edges)
      })
    }
    const thenBody = arm(then)
    const elseBody = arm(otherwise)
    this.emit({ kind: 'if', test, then: thenBody, else: elseBody, ...(node && { span: this.span(node) }) })
    this.env = merge(this.builder, edges)
  }

  /**
   * A loop whose kinds are found by iteration: the body is lowered under an assumption about the variables at its
   * head; where a way back disagrees, it is lowered again under the joined assumption.
   */
  loop(node: Node, assigned: ReadonlySet<Slot>, lowerBody: (again: Target) => void): void {
    if (!this.env) return
    const entry = this.env
    let assumption = this.program.loopAssumption(this, node, entry, assigned)
    for (;;) {
      const again: Target = { label: this.builder.label('loop'), edges: [] }
      const before: Stmt[] = []
      this.env = new Map(assumption)
      const body = this.capture(() => {
        lowerBody(again)
        this.fallThrough(again.edges)
      })
      const joined = merge(this.builder, [
        { env: entry, pad: before },
        { env: assumption, pad: [] },
        ...again.edges.map(e => visible(e, assumption)),
      ])!
      if (sameEnvironment(assumption, joined)) {
        this.out.push(...before, { kind: 'loop', label: again.label, body, span: this.span(node) })
        this.env = null
        this.program.rememberLoop(node, this.activation, assumption, entry)
        return
      }
      assumption = joined
      this.program.count(50)
    }
  }

  remark(code: DiagnosticCode, values: DiagnosticArguments, node: Node): void {
    this.program.remarks.push(diagnostic(code, values, this.span(node)))
  }
}

/** Variables that began inside the loop are not carried round; fields are that it adds to an object from outside. */
function visible(edge: Edge, assumption: Environment): Edge {
  const isCarried = (slot: Slot): boolean =>
    assumption.has(slot) || 'initial' in slot || ('born' in slot && assumption.has(slot.born!))
  return { env: new Map([...edge.env].filter(([slot]) => isCarried(slot))), pad: edge.pad }
}

import { get } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { isScalar, type Type } from '../ir/types.ts'
import type { AnyNode, FunctionNode, Node } from '../source/ast.ts'
import { children } from '../source/walk.ts'
import type { Activation } from './activation.ts'
import { asParam, number } from './convert.ts'
import { Cursor, type Target } from './cursor.ts'
import { runBody } from './dispatch.ts'
import { toBox } from './environment.ts'
import { FunctionBuilder } from './function-builder.ts'
import type { Instance } from './instance.ts'
import { propertyName } from './syntax.ts'
import { describe, type FieldBinding, maskOf, type Value } from './value.ts'

/**
 * Helper functions become IR functions of their own, one for each combination of argument kinds, where values can be
 * passed as parameters; the IR's inliner decides later what is worth a call. Functions that share objects, closures
 * or written fields with their caller are inlined here instead.
 */
export function separable(c: Cursor, index: number, thisValue: Value, args: readonly Value[]): boolean {
  const { fn, scope } = c.program.parse(index)
  if (thisValue.k !== 'undefined' && scope.usesThis) return false
  if (c.program.source(index).thisShape && scope.usesThis) return false
  if (!args.every(value => isConstantKind(value) || asParam(value))) return false
  return !c.program.hints.inlined.has(keyOf(index, args)) && !touchesWrittenField(c, fn)
}

/** Kinds that need no parameter: the instance is made for them. */
function isConstantKind(value: Value): boolean {
  return (
    value.k === 'undefined' ||
    value.k === 'null' ||
    value.k === 'string' ||
    value.k === 'function' ||
    value.k === 'builtin'
  )
}

function touchesWrittenField(c: Cursor, root: FunctionNode): boolean {
  const { writtenMembers } = c.program
  const visit = (node: AnyNode): boolean => {
    const name = propertyName(node)
    return (name !== undefined && writtenMembers.has(name)) || children(node).some(visit)
  }
  return writtenMembers.size > 0 && visit(root as AnyNode)
}

function keyOf(index: number, args: readonly Value[]): string {
  return `${index}(${args.map(kindKey).join(',')})`
}

function kindKey(value: Value): string {
  switch (value.k) {
    case 'box':
      return `box${value.mask}`
    case 'array':
      return `arr.${value.elem}`
    case 'list':
      return `${value.type}/${value.mask}${value.records ? `{${value.records}}` : ''}`
    case 'record':
      return `{${value.fields}}`
    case 'string':
      return JSON.stringify(value.value)
    case 'function':
      return `f${value.index}`
    case 'builtin':
      return value.name
    default:
      return value.k
  }
}

/** Calls the helper for arguments of these kinds, lowering it on the first such call. */
export function callInstance(c: Cursor, index: number, args: readonly Value[], node: Node): Value {
  const key = keyOf(index, args)
  let instance = c.program.instances.get(key)
  if (!instance) instance = lowerInstance(c, key, index, args, node)
  if (instance.state === 'lowering') instance.recursive = true
  const result = instance.result ?? instance.assumed
  const passed: Expr[] = args.flatMap(value => (isConstantKind(value) ? [] : [asParam(value)!.expr]))
  c.builder.calls.push({ callee: instance, args: passed })
  return emitCall(c, instance, passed, result, node)
}

function emitCall(c: Cursor, instance: Instance, args: Expr[], result: Value, node: Node): Value {
  const func = instance.name
  if (maskOf(result) === 0 || result.k === 'undefined' || result.k === 'null') {
    c.emit({ kind: 'call', func, args, span: c.span(node) })
    return result
  }
  const { type } = (result as Value & { expr: Expr }).expr
  const local = c.tempLocal('returned', type)
  c.emit({ kind: 'call', func, args, result: local, span: c.span(node) })
  return { ...result, expr: get(local, type) } as Value
}

function lowerInstance(c: Cursor, key: string, index: number, args: readonly Value[], node: Node): Instance {
  const name = `${c.program.source(index).name.replace(/\W/g, '_') || 'helper'}_${c.program.instances.size}`
  const instance: Instance = {
    key,
    name,
    builder: new FunctionBuilder(name),
    result: undefined,
    state: 'lowering',
    recursive: false,
    assumed: number({ kind: 'const', type: 'f64', value: Number.NaN }),
  }
  c.program.instances.set(key, instance)
  try {
    instance.result = resultOf(c, instance, index, args, node)
  } catch (error) {
    forget(c, key)
    throw error
  }
  instance.state = 'done'
  return instance
}

/** Lowers the body; again where it is recursive and gives another kind than was assumed. */
function resultOf(c: Cursor, instance: Instance, index: number, args: readonly Value[], node: Node): Value {
  for (let attempt = 0; ; attempt++) {
    const result = lowerHelperBody(c, instance, index, args)
    if (!result) c.program.addHint(() => c.program.hints.inlined.add(instance.key))
    if (!instance.recursive || sameKind(result, instance.assumed)) return result
    if (attempt > 4)
      throw c.miss(node, 'IRIS3002', {
        reason: `the recursive function returns ${describe(result)} and ${describe(instance.assumed)}`,
      })
    instance.assumed = result
    forgetAfter(c, instance.key)
  }
}

/** A call that failed becomes an exit; the next call of the helper begins anew, and so do the helpers it has called. */
function forget(c: Cursor, key: string): void {
  forgetAfter(c, key)
  c.program.instances.delete(key)
}

/** Helpers lowered on behalf of this one: they may call it, under an assumption that did not hold. */
function forgetAfter(c: Cursor, key: string): void {
  const { instances } = c.program
  const keys = [...instances.keys()]
  for (const later of keys.slice(keys.indexOf(key) + 1)) instances.delete(later)
}

const sameKind = (a: Value, b: Value): boolean => (a.k === 'box' && b.k === 'box' ? a.mask === b.mask : a.k === b.k)

/** Lowers the helper into its builder; undefined where its result cannot be passed back. */
function lowerHelperBody(c: Cursor, instance: Instance, index: number, args: readonly Value[]): Value | undefined {
  const builder = new FunctionBuilder(instance.name)
  instance.builder = builder
  const { fn, scope } = c.program.parse(index)
  const result: FieldBinding = { name: 'result' }
  const values = args.map((value, i) => parameter(builder, value, i))
  const returns: Target = { label: builder.label('body'), edges: [] }
  const activation: Activation = {
    source: index,
    fn,
    scope,
    thisValue: { k: 'undefined' },
    args: values,
    count: args.length,
    returns,
    result,
    depth: 0,
    path: instance.key,
    labels: new Map(),
    breaks: [],
    continues: [],
  }
  const inner = new Cursor(c.program, builder, activation)
  inner.block('body', target => {
    inner.activation = { ...activation, returns: target }
    runBody(inner)
  })
  return finishResult(inner, result)
}

function parameter(builder: FunctionBuilder, value: Value, index: number): Value {
  const passed = asParam(value)
  if (!passed) return value
  // any two arrays may be one and the same: group 0 says so
  const local = builder.param(`p${index}`, passed.type, isScalar(passed.type) ? undefined : 0)
  if (value.k === 'array' || value.k === 'list') return { ...value, local, origin: { from: 'view' } }
  if (value.k === 'record') return { ...value, local }
  return { ...value, expr: get(local, passed.type) } as Value
}

/** Emits the return; control that never comes back (the helper always leaves) returns a number that nobody sees. */
function finishResult(c: Cursor, slot: FieldBinding): Value | undefined {
  const value = c.env
    ? (c.get(slot) ?? ({ k: 'undefined' } as const))
    : number({ kind: 'const', type: 'f64', value: 0 })
  if (maskOf(value) === 0) return undefined
  if (value.k === 'undefined' || value.k === 'null') return value
  const type: Type = value.k === 'number' ? 'f64' : value.k === 'boolean' ? 'i32' : 'box'
  c.builder.result = type
  c.builder.body.push({
    kind: 'return',
    value: value.k === 'number' || value.k === 'boolean' ? value.expr : toBox(value),
  })
  return value
}

import fc from 'fast-check'
import * as b from '../../compiler/ir/build.ts'
import type { Expr, Func, Local, LocalId, Module, Param, Stmt } from '../../compiler/ir/ir.ts'
import { HOST_FUNCTIONS, OPS, type OpName, opInfo } from '../../compiler/ir/ops.ts'
import { printModule } from '../../compiler/ir/text.ts'
import { BOX, elemOf, isArray, isList, type ListType, type Scalar, type Type } from '../../compiler/ir/types.ts'

/**
 * Random valid modules. A module is decoded from a tape of bytes: each choice takes one byte, and an empty tape
 * chooses the simplest thing, so that fast-check shrinks a module by shrinking its tape (Hypothesis works like this).
 * Every loop ends, every access is guarded, every division has a divisor that is not zero.
 */
interface Tape {
  /** A choice in [0, count). */
  next(count: number): number
  readonly empty: boolean
}

function openTape(bytes: Uint8Array): Tape {
  let at = 0
  return {
    next: count => (at < bytes.length ? (bytes[at++] as number) % count : 0),
    get empty() {
      return at >= bytes.length
    },
  }
}

const ENTRY_PARAMS: readonly Param[] = [
  { name: 'n', type: 'i32' },
  { name: 'x', type: 'f64' },
  { name: 'a', type: 'arr.f64', group: 1 },
  { name: 'b', type: 'arr.f64', group: 1 },
  { name: 'c', type: 'arr.i32', group: 2 },
  { name: 'd', type: 'arr.u8', group: 3 },
  { name: 'e', type: 'arr.f32', group: 4 },
  { name: 'l', type: 'list.f64', group: 5 },
  { name: 'm', type: 'list.box', group: 6 },
]
const HELPER_PARAMS: readonly Param[] = [
  { name: 'n', type: 'i32' },
  { name: 'x', type: 'f64' },
  { name: 'a', type: 'arr.f64' },
  { name: 'l', type: 'list.f64' },
]
/** Locals that statements may set at will. */
const FREE_LOCALS: readonly Local[] = [
  { name: 'i', type: 'i32' },
  { name: 'j', type: 'i32' },
  { name: 't', type: 'i32' },
  { name: 'u', type: 'f64' },
  { name: 'v', type: 'f64' },
  { name: 'w', type: 'f64' },
  { name: 'f', type: 'f32' },
  { name: 'k', type: 'i64' },
  { name: 'z', type: 'box' },
  { name: 'p', type: 'arr.f64' },
  { name: 'q', type: 'list.f64' },
]

interface Label {
  readonly name: string
  readonly loop: boolean
}

interface Builder {
  readonly tape: Tape
  readonly locals: Local[]
  readonly result: Func['result']
  readonly callees: readonly Func[]
  readonly slots: number
  readonly exits: number
  /** Loop counters: statements must not set them. */
  readonly fixed: Set<LocalId>
  labels: number
}

const pick = <T>(tape: Tape, items: readonly T[]): T => items[tape.next(items.length)] as T
const chance = (tape: Tape, oneIn: number): boolean => tape.next(oneIn) === oneIn - 1

// ---- expressions

const INTS = [0, 1, 2, 3, 7, -1, 31, 255, 65_536, 2 ** 31 - 1, -(2 ** 31)]
const FLOATS = [0, 1, -0, 0.5, -1, 2, 3, 1e-310, 1e300, Number.NaN, Infinity, -Infinity, 4294967296, 2147483647.5, -1.5]
const BOXES = [BOX.undefined, BOX.null, BOX.true, BOX.false, BOX.canonicalNaN, 0n, 0x3ff0_0000_0000_0000n]

function constant(tape: Tape, type: Scalar): Expr {
  if (type === 'i32') return b.i32(pick(tape, INTS))
  if (type === 'i64') return b.i64(BigInt(pick(tape, INTS)))
  if (type === 'f32') return b.f32(pick(tape, FLOATS))
  return type === 'f64' ? b.f64(pick(tape, FLOATS)) : b.box(pick(tape, BOXES))
}

/** Bits of NaNs are free by the law of floats, so nothing may look at them. */
const UNSEEN: readonly OpName[] = ['i64.bits_f64', 'f64.copysign']
const totalOps = (result: Scalar): readonly OpName[] =>
  (Object.keys(OPS) as OpName[]).filter(name => {
    const info = opInfo(name)
    return info.result === result && !info.partial && !UNSEEN.includes(name)
  })
const TOTAL_OPS: Readonly<Record<Scalar, readonly OpName[]>> = {
  i32: totalOps('i32'),
  i64: totalOps('i64'),
  f32: totalOps('f32'),
  f64: totalOps('f64'),
  box: totalOps('box'),
}

const localsOf = (builder: Builder, test: (type: Type) => boolean): LocalId[] =>
  builder.locals.flatMap((local, id) => (test(local.type) ? [id] : []))
const typeOf = (builder: Builder, id: LocalId): Type => (builder.locals[id] as Local).type
const getLocal = (builder: Builder, id: LocalId): Expr => b.get(id, typeOf(builder, id))

function expr(builder: Builder, type: Scalar, depth: number): Expr {
  const { tape } = builder
  if (depth <= 0 || tape.empty) return atom(builder, type)
  switch (tape.next(8)) {
    case 0:
    case 1:
      return atom(builder, type)
    case 2:
      return b.cond(expr(builder, 'i32', depth - 1), expr(builder, type, depth - 1), expr(builder, type, depth - 1))
    case 3:
      return special(builder, type, depth)
    default:
      return operator(builder, type, depth)
  }
}

function atom(builder: Builder, type: Scalar): Expr {
  const { tape } = builder
  const locals = localsOf(builder, other => other === type)
  if (locals.length === 0 || chance(tape, 4)) return constant(tape, type)
  // what was made last is what programs use next
  return getLocal(builder, pick(tape, chance(tape, 2) ? locals.slice(-3) : locals))
}

function operator(builder: Builder, type: Scalar, depth: number): Expr {
  const name = pick(builder.tape, TOTAL_OPS[type])
  return b.op(name, ...opInfo(name).params.map(param => expr(builder, param, depth - 1)))
}

function special(builder: Builder, type: Scalar, depth: number): Expr {
  switch (type) {
    case 'i32':
      return specialInt(builder, depth)
    case 'f64':
      return specialFloat(builder, depth)
    case 'f32':
      return guardedLoad(builder, 'f32', ['arr.f32'])
    case 'i64':
      return b.op('i64.bits_f64', b.op('f64.from_i32_s', expr(builder, 'i32', depth - 1)))
    case 'box':
      return guardedGet(builder, 'list.box')
  }
}

function specialInt(builder: Builder, depth: number): Expr {
  const { tape } = builder
  const a = expr(builder, 'i32', depth - 1)
  const divisor = b.op('i32.or', b.op('i32.and', expr(builder, 'i32', depth - 1), b.i32(7)), b.i32(1))
  switch (tape.next(5)) {
    case 0:
      return b.len(pick(tape, localsOf(builder, isArray)))
    case 1:
      return b.listlen(pick(tape, localsOf(builder, isList)))
    case 2:
      return b.op(pick(tape, ['i32.div_s', 'i32.div_u', 'i32.rem_s', 'i32.rem_u'] as const), a, divisor)
    default:
      return guardedLoad(builder, 'i32', ['arr.i32', 'arr.u8'])
  }
}

function specialFloat(builder: Builder, depth: number): Expr {
  const { tape } = builder
  switch (tape.next(4)) {
    case 0: {
      const name = pick(tape, ['Math.sin', 'Math.exp', 'Math.pow', 'Math.hypot/3'])
      const args = Array.from({ length: HOST_FUNCTIONS[name] ?? 0 }, () => expr(builder, 'f64', depth - 1))
      return b.host(name, ...args)
    }
    case 1:
      return guardedGet(builder, 'list.f64')
    default:
      return guardedLoad(builder, 'f64', ['arr.f64'])
  }
}

function indexLocal(builder: Builder): Expr {
  return getLocal(
    builder,
    pick(
      builder.tape,
      localsOf(builder, type => type === 'i32'),
    ),
  )
}

function guardedLoad(builder: Builder, type: 'i32' | 'f32' | 'f64', types: readonly Type[]): Expr {
  const arrays = localsOf(builder, other => types.includes(other))
  if (arrays.length === 0) return constant(builder.tape, type)
  const array = pick(builder.tape, arrays)
  const elem = elemOf(typeOf(builder, array) as 'arr.f64')
  const index = indexLocal(builder)
  const load = b.load(elem, array, index)
  return b.cond(b.inBounds(index, array), load, constant(builder.tape, load.type))
}

function guardedGet(builder: Builder, type: ListType): Expr {
  const lists = localsOf(builder, other => other === type)
  const element = type === 'list.f64' ? 'f64' : 'box'
  if (lists.length === 0) return constant(builder.tape, element)
  const list = pick(builder.tape, lists)
  const index = indexLocal(builder)
  const test = b.op('i32.lt_u', index, b.listlen(list))
  return b.cond(test, b.listget(type, list, index), constant(builder.tape, element))
}

// ---- statements

function body(builder: Builder, labels: readonly Label[], depth: number, least = 0): Stmt[] {
  const stmts: Stmt[] = []
  for (let count = least + builder.tape.next(6); count > 0; count--) {
    if (builder.tape.empty) break
    stmts.push(...statement(builder, labels, depth))
  }
  return stmts
}

function statement(builder: Builder, labels: readonly Label[], depth: number): readonly Stmt[] {
  const { tape } = builder
  const choice = tape.next(depth > 0 ? 24 : 16)
  if (choice >= (depth > 0 ? 20 : 12)) return choice % 2 === 0 ? [define(builder)] : [leaveEarly(builder)]
  if (choice < 5) return [assign(builder)]
  if (choice < 8) return write(builder)
  if (choice < 10) return bulk(builder)
  if (choice === 10) return jump(builder, labels)
  if (choice === 11) return [callHelper(builder)]
  if (choice < 15) return [ifStmt(builder, labels, depth)]
  if (choice < 17) return [blockStmt(builder, labels, depth)]
  return choice < 19 ? forStmt(builder, labels, depth) : loopStmt(builder, labels, depth)
}

const SCALARS: readonly Type[] = ['i32', 'f64', 'f32', 'i64', 'box']

function assign(builder: Builder): Stmt {
  const targets = localsOf(builder, type => SCALARS.includes(type)).filter(id => !builder.fixed.has(id))
  const target = pick(builder.tape, targets)
  return b.set(target, expr(builder, typeOf(builder, target) as Scalar, 3))
}

/** A `const` of the program: a local that is set here and nowhere else. */
function define(builder: Builder): Stmt {
  const type = pick(builder.tape, ['i32', 'f64', 'i32', 'f64', 'f32', 'i64', 'box'] as const)
  const value = expr(builder, type, 2)
  const local = builder.locals.push({ name: `const${builder.locals.length}`, type }) - 1
  builder.fixed.add(local)
  return b.set(local, value)
}

/** A guard: an exit or a return under a small test. */
function leaveEarly(builder: Builder): Stmt {
  const { tape } = builder
  const name = pick(tape, ['i32.lt_s', 'i32.ge_u', 'i32.eq', 'f64.lt', 'f64.gt'] as const)
  const [type] = opInfo(name).params as readonly [Scalar]
  const test = b.op(name, atom(builder, type), atom(builder, type))
  const leave = builder.exits > 0 && chance(tape, 2) ? b.exit(tape.next(builder.exits)) : returnStmt(builder)
  return b.when(test, [leave])
}

function write(builder: Builder): readonly Stmt[] {
  const { tape } = builder
  const index = indexLocal(builder)
  switch (tape.next(4)) {
    case 0: {
      const list = pick(
        tape,
        localsOf(builder, type => type === 'list.f64'),
      )
      const value = expr(builder, 'f64', 2)
      const set: Stmt = { kind: 'listset', list, index, value }
      return [b.when(b.op('i32.lt_u', index, b.listlen(list)), [set])]
    }
    case 1: {
      const list = pick(tape, localsOf(builder, isList))
      return [{ kind: 'listpush', list, value: expr(builder, typeOf(builder, list) === 'list.f64' ? 'f64' : 'box', 2) }]
    }
    default: {
      const array = pick(tape, localsOf(builder, isArray))
      const elem = elemOf(typeOf(builder, array) as 'arr.f64')
      const type = b.load(elem, array, index).type
      return [b.when(b.inBounds(index, array), [b.store(elem, array, index, expr(builder, type, 3))])]
    }
  }
}

function bulk(builder: Builder): readonly Stmt[] {
  const { tape } = builder
  const array = pick(
    tape,
    localsOf(builder, type => type === 'arr.f64'),
  )
  const other = pick(
    tape,
    localsOf(builder, type => type === 'arr.f64'),
  )
  const list = pick(
    tape,
    localsOf(builder, type => type === 'list.f64'),
  )
  const [local] = localsOf(builder, type => type === 'arr.f64').slice(-1) as [LocalId]
  const own = localsOf(builder, type => type === 'list.f64').at(-1) as LocalId
  const small = b.op('i32.and', expr(builder, 'i32', 1), b.i32(7))
  const index = indexLocal(builder)
  switch (tape.next(8)) {
    case 0:
      return [
        {
          kind: 'fill',
          array,
          begin: b.op('i32.sub', b.len(array), b.len(array)),
          end: b.len(array),
          value: atom(builder, 'f64'),
        },
      ]
    case 1: {
      const count = b.cond(b.op('i32.lt_s', b.len(array), b.len(other)), b.len(array), b.len(other))
      return [{ kind: 'copy', target: array, targetIndex: b.i32(0), source: other, sourceIndex: b.i32(0), count }]
    }
    case 2:
      return [{ kind: 'newarray', local, elem: 'f64', length: small }]
    case 3:
      return [{ kind: 'newlist', local: own, length: small, capacity: b.i32(2) }]
    case 4:
      return [b.when(b.op('i32.le_u', index, b.listlen(list)), [{ kind: 'listtruncate', list, length: index }])]
    case 5: {
      const begin = b.cond(b.inBounds(index, array), index, b.i32(0))
      return [b.set(local, b.subarray('arr.f64', array, begin, b.len(array)))]
    }
    case 6:
      return [b.set(local, b.get(array, 'arr.f64'))]
    default:
      return builder.slots > 0
        ? [{ kind: 'result', slot: tape.next(builder.slots), value: expr(builder, pick(tape, ['f64', 'i32']), 2) }]
        : [b.set(own, b.get(list, 'list.f64'))]
  }
}

function jump(builder: Builder, labels: readonly Label[]): readonly Stmt[] {
  const { tape } = builder
  const test = expr(builder, 'i32', 2)
  const label = labels[tape.next(labels.length + 1)]
  if (!label) {
    const leave = builder.exits > 0 && chance(tape, 4) ? b.exit(tape.next(builder.exits)) : returnStmt(builder)
    return [b.when(test, [leave])]
  }
  const go = label.loop && chance(tape, 2) ? b.again(label.name) : b.leave(label.name)
  return chance(tape, 4) ? [go] : [b.when(test, [...body(builder, labels, 0), go])]
}

const returnStmt = (builder: Builder): Stmt =>
  builder.result === 'void' ? b.ret() : b.ret(expr(builder, builder.result as Scalar, 2))

function callHelper(builder: Builder): Stmt {
  const { tape } = builder
  const callee = builder.callees[tape.next(builder.callees.length + 1) - 1]
  const targets = localsOf(builder, type => type === 'f64').filter(id => !builder.fixed.has(id))
  const result = pick(tape, targets)
  if (!callee) return { kind: 'hostcall', name: 'Math.random', args: [], result }
  const args = callee.params.map(param => {
    if (isArray(param.type) || isList(param.type)) {
      return getLocal(
        builder,
        pick(
          tape,
          localsOf(builder, type => type === param.type),
        ),
      )
    }
    return expr(builder, param.type as Scalar, 2)
  })
  return chance(tape, 5) ? b.call(callee.name, args) : b.call(callee.name, args, result)
}

function ifStmt(builder: Builder, labels: readonly Label[], depth: number): Stmt {
  const test = expr(builder, 'i32', 2)
  const then = body(builder, labels, depth - 1)
  return b.when(test, then, chance(builder.tape, 3) ? body(builder, labels, depth - 1) : [])
}

const newLabel = (builder: Builder, name: string): string => `${name}${builder.labels++}`

function blockStmt(builder: Builder, labels: readonly Label[], depth: number): Stmt {
  const name = newLabel(builder, 'block')
  return b.block(name, ...body(builder, [...labels, { name, loop: false }], depth - 1))
}

function counter(builder: Builder): LocalId {
  const id = builder.locals.push({ name: `c${builder.locals.length}`, type: 'i32' }) - 1
  builder.fixed.add(id)
  return id
}

function forStmt(builder: Builder, labels: readonly Label[], depth: number): readonly Stmt[] {
  const { tape } = builder
  const name = newLabel(builder, 'for')
  const id = counter(builder)
  const to = chance(tape, 2) ? b.len(pick(tape, localsOf(builder, isArray))) : b.i32(tape.next(5))
  const inner = body(builder, [...labels, { name, loop: true }], depth - 1)
  return [b.counted(name, id, b.i32(tape.next(3)), to, 1 + tape.next(2), inner)]
}

/** The shape that JavaScript loops are lowered to; the counter goes first, so that a `continue` cannot skip it. */
function loopStmt(builder: Builder, labels: readonly Label[], depth: number): readonly Stmt[] {
  const { tape } = builder
  const name = newLabel(builder, 'loop')
  const id = counter(builder)
  const done = b.not(b.op('i32.lt_s', b.get(id, 'i32'), b.i32(tape.next(5))))
  const inner = body(builder, [...labels, { name, loop: true }], depth - 1)
  const step = b.set(id, b.op('i32.add', b.get(id, 'i32'), b.i32(1)))
  return [b.set(id, b.i32(0)), b.loop(name, b.when(done, [b.leave(name)]), step, ...inner)]
}

// ---- functions

function makeFunc(tape: Tape, name: string, params: readonly Param[], callees: readonly Func[], module: Shape): Func {
  const isEntry = name === 'entry'
  const locals = [...params.map(({ name: paramName, type }) => ({ name: paramName, type })), ...FREE_LOCALS]
  const result = isEntry ? pick(tape, ['f64', 'i32', 'void'] as const) : 'f64'
  const slots = isEntry ? module.slots : 0
  const builder = { tape, locals, result, callees, slots, exits: module.exits, fixed: new Set<LocalId>(), labels: 0 }
  const stmts = [...prologue(locals), ...body(builder, [], 3, 12), returnStmt(builder)]
  return { name, params, locals: builder.locals, result, body: stmts }
}

/** Gives the local arrays and lists a value, and some scalars one that depends on the arguments. */
function prologue(locals: readonly Local[]): Stmt[] {
  const id = (name: string): LocalId => locals.findIndex(local => local.name === name)
  return [
    { kind: 'newlist', local: id('q'), length: b.i32(2), capacity: b.i32(3) },
    b.set(id('p'), b.get(id('a'), 'arr.f64')),
    b.set(id('i'), b.op('i32.and', b.get(id('n'), 'i32'), b.i32(7))),
    b.set(id('u'), b.get(id('x'), 'f64')),
  ]
}

interface Shape {
  readonly slots: number
  readonly exits: number
}

export function moduleFromTape(bytes: Uint8Array): Module {
  const quarter = Math.floor(bytes.length / 4)
  const tape = openTape(bytes.subarray(2 * quarter))
  const shape = { slots: tape.next(3), exits: tape.next(3) }
  const helpers: Func[] = []
  for (let count = tape.next(3); count > 0; count--) {
    const at = helpers.length * quarter
    const share = openTape(bytes.subarray(at, at + quarter))
    helpers.push(makeFunc(share, `helper${helpers.length}`, HELPER_PARAMS, [...helpers], shape))
  }
  const entry = makeFunc(tape, 'entry', ENTRY_PARAMS, helpers, shape)
  const exits = Array.from({ length: shape.exits }, (_, index) => ({ reason: `random exit ${index}` }))
  return { funcs: [...helpers, entry], entry: 'entry', exits, slots: shape.slots }
}

export const modules = (size = 400): fc.Arbitrary<Module> =>
  fc
    .uint8Array({ minLength: Math.floor(size / 4), maxLength: size, size: 'max' })
    .map(bytes => readable(moduleFromTape(bytes)))

/** Failures are reported in the text form. */
function readable(module: Module): Module {
  return Object.defineProperty(module, fc.toStringMethod, {
    value: () => `\n${printModule(module)}`,
    enumerable: false,
  })
}

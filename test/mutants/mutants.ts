// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of template literals
import { VECTOR_MUTANTS } from './vector-mutants.ts'

/**
 * Planted defects: each replaces one piece of one file of the compiler or of the marshalling. The text is of one line
 * and without types, so that it stands alike in the source and in the built file.
 */
export interface Mutant {
  readonly name: string
  /** source file, from the root of the repository */
  readonly file: string
  readonly old: string
  readonly made: string
}

const inFile =
  (file: string) =>
  (name: string, old: string, made: string): Mutant => ({ name, file, old, made })

const ops = inFile('compiler/ir/ops.ts')
const arithmetic = inFile('compiler/passes/fold-arithmetic.ts')
const conversions = inFile('compiler/passes/fold-conversions.ts')
const cse = inFile('compiler/passes/cse-context.ts')
const safety = inFile('compiler/passes/licm-safety.ts')
const licm = inFile('compiler/passes/licm.ts')
const frame = inFile('compiler/passes/licm-frame.ts')
const dce = inFile('compiler/passes/dce.ts')
const inline = inFile('compiler/passes/inline.ts')
const counted = inFile('compiler/passes/counted-plan.ts')
const rounds = inFile('compiler/passes/counted.ts')
const narrow = inFile('compiler/passes/narrow-rewrite.ts')
const choose = inFile('compiler/passes/narrow-choose.ts')
const induction = inFile('compiler/passes/induction.ts')
const bounds = inFile('compiler/passes/bounds.ts')
const subscripts = inFile('compiler/analysis/subscripts.ts')
const demand = inFile('compiler/passes/bounds-demand.ts')
const operators = inFile('compiler/target/operators.ts')
const address = inFile('compiler/target/address.ts')
const statements = inFile('compiler/target/statements.ts')
const loops = inFile('compiler/target/loops.ts')
const lowering = inFile('compiler/program/operators.ts')
const convert = inFile('compiler/program/convert.ts')
const assign = inFile('compiler/program/assign.ts')
const facts = inFile('compiler/program/facts.ts')
const library = inFile('compiler/program/kernel-calls.ts')
const given = inFile('compiler/program/kernel-arguments.ts')
const primitives = inFile('compiler/ir/primitives.ts')
const marshal = inFile('runtime/exec/marshal.ts')

export const MUTANTS: readonly Mutant[] = [
  ...VECTOR_MUTANTS,
  // the op table
  ops('f64.lt is emitted as f64.le', "bool(a < b), wasm: 'f64.lt'", "bool(a < b), wasm: 'f64.le'"),
  ops('shr_u is emitted as shr_s', "wasm: 'i32.shr_u'", "wasm: 'i32.shr_s'"),
  ops('ceil is emitted as floor', "wasm: 'f64.ceil'", "wasm: 'f64.floor'"),
  ops('unsigned integers are converted as signed', "wasm: 'f64.convert_u.i32'", "wasm: 'f64.convert_s.i32'"),
  ops('% is folded without the sign of zero', 'a % b, wasm: null', 'a - b * Math.trunc(a / b), wasm: null'),
  ops('ties are rounded up', 'floor % 2 === 0 ? floor : floor + 1', 'floor + 1'),
  ops('a fraction is an index', 'a < 2 ** 31 && Number.isInteger(a) ? a + 0 : -1', 'a < 2 ** 31 ? Math.floor(a) : -1'),
  ops('f64.sub is commutative', "a - b, wasm: 'f64.sub'", "a - b, wasm: 'f64.sub', commutative: true"),
  ops('true as a number is NaN', 'bits === BOX.true ? 1 : f64OfBits(bits)', 'f64OfBits(bits)'),
  // fold
  arithmetic('x + 0 is x, for -0 too', 'isConst(y, -0) ? x', 'isConst(y, 0) ? x'),
  arithmetic('-x + y is x - y', "make('f64.sub', y, negative[0])", "make('f64.sub', negative[0], y)"),
  arithmetic(
    'division by any constant is multiplication',
    'power && Number.isFinite(reciprocal) && 1 / reciprocal === value ? reciprocal',
    'true ? reciprocal',
  ),
  arithmetic('x <= x is false', '[`${type}.le_s`]: [yes()]', '[`${type}.le_s`]: [no()]'),
  conversions(
    'i < 2.5 is i < 2',
    "name === 'lt' || name === 'ge' ? Math.ceil(bound)",
    "name === 'ge' ? Math.ceil(bound)",
  ),
  conversions('large products are exact', 'const EXACT = 2 ** 53', 'const EXACT = 2 ** 80'),
  conversions(
    'comparisons of unsigned numbers are signed',
    "both('f64.from_i32_u', unsigned(name))",
    "both('f64.from_i32_u', signed(name))",
  ),
  // cse
  cse('a loop that stores leaves loads as they were', 'versions.elements[one] = values.fresh()', 'void one'),
  cse('a loop leaves locals as they were', 'versions.locals[local] = values.fresh()', 'void local'),
  cse(
    'jumps to the end of a block bring nothing',
    'mergeVersions(context.versions, state.merged, context.values)',
    'void state',
  ),
  // licm
  safety(
    'a load may go above its bounds test',
    "safe(expr.index) && tests.some(test => isBoundsTest(test, 'len', expr.array, expr.index))",
    'safe(expr.index)',
  ),
  licm(
    'an exit that a later round takes is tested once',
    "only?.kind === 'exit' && isInvariant(stmt.test, frame, walker.aliases)",
    "only?.kind === 'exit'",
  ),
  frame(
    'a load does not change when the loop stores',
    'if (frame.writes.has(aliases.classOf(expr.array)))',
    'if (frame.writes.has(aliases.classOf(expr.array)) && frame.guards.length > 9)',
  ),
  frame(
    'a set local is invariant',
    'local !== undefined && frame.sets.has(local) && !frame.copies.has(local)',
    'local !== undefined && frame.sets.has(local) && frame.sets.size > 3',
  ),
  licm(
    'a counter holds its start before the loop',
    "addGuard(frame, inFirstRound(negate(left?.kind === 'if' ? left.test : stmt.test), frame))",
    "addGuard(frame, negate(left?.kind === 'if' ? left.test : stmt.test))",
  ),
  // dce
  dce(
    'stores into lists have no effect',
    "stmt.kind === 'newarray' || stmt.kind === 'newlist'",
    "stmt.kind === 'newarray' || stmt.kind === 'newlist' || stmt.kind === 'listset'",
  ),
  dce('tests of dead branches are forgotten', 'pure ? [...guards, ...rootExprs(stmt)] : []', '[]'),
  // inline
  inline('the last argument comes first', 'set(rename(index), arg)', 'set(rename(call.args.length - 1 - index), arg)'),
  // counted
  counted('the last round of a loop to a fraction is lost', "op('f64.ceil', bound)", 'bound'),
  counted(
    'the last round of <= is lost',
    'const next = plusOne(toCounter(type, whole))',
    'const next = toCounter(type, whole)',
  ),
  counted('counting down ends a round early', 'const more = 1 - last', 'const more = 0 - last'),
  rounds(
    'what a loop sets before its test is no longer known to its next run',
    'some(local => later.has(local))',
    'some(local => later.size < 0)',
  ),
  rounds(
    'a bound is tested before it is computed',
    'const place = placeOf(around, test)',
    'const place = placeOf(around, test) ?? around.at(-1)',
  ),
  // narrow
  narrow('-0 becomes 0', '!form || (sign && forms.ranges.of(expr).negZero)', '!form'),
  narrow('ToInt32 saturates', 'if (within(range, I32_MIN, I32_MAX))', 'if (range.lo <= I32_MAX)'),
  narrow('unsigned numbers compare as signed', "shared === 'u32' ? '_u' : '_s'", "'_s'"),
  choose(
    'the sign of zero never counts',
    'defined.get(local)?.negZero && sensitive.has(local)',
    'defined.get(local)?.negZero && sensitive.size > 99',
  ),
  choose('an index that grows in a loop stays small', 'far.by >= known.by && far.most <= known.most', 'far.by >= 0'),
  induction(
    'the growth of an index is tested by what the loop has yet to set',
    'filter(test => !leaveBefore(context, test, original, before))',
    'filter(test => !leaveBefore(context, now(context, test), original, before))',
  ),
  // bounds
  subscripts('a check forgets what it relies on', '[...own, ...walk.relied]', 'own'),
  bounds('every check is proven', 'demands.length === 0 ? proven : removed', 'proven'),
  demand(
    'one element too many',
    'op(`${type}.ge_s`, side(1), side(-1))',
    'op(`${type}.ge_s`, op(`${type}.add`, side(1), number(1, type)), side(-1))',
  ),
  // emitter
  operators('a fraction is index 0', 'low(), out.i32.const(-1))', 'low(), out.i32.const(0))'),
  operators(
    'halves round down',
    'out.f64.gt(out.f64.sub(up.again(), out.f64.const(0.5)), x.again())',
    'out.f64.ge(out.f64.sub(up.again(), out.f64.const(0.5)), x.again())',
  ),
  operators(
    'sign of zero is 1',
    'out.f64.gt(out.f64.abs(x.again()), out.f64.const(0)), unit',
    'out.f64.ge(out.f64.abs(x.again()), out.f64.const(0)), unit',
  ),
  operators(
    'clamped ties go up',
    'out.f64.nearest(clamped)',
    'out.f64.floor(out.f64.add(clamped, out.f64.const(0.5)))',
  ),
  operators(
    '% loses -0',
    'out.if(isWhole, out.f64.copysign(quick, a.again()), exact)',
    'out.if(isWhole, quick, exact)',
  ),
  address('i8 is read as u8', 'out.i32.load8_s(offset, 1, pointer)', 'out.i32.load8_u(offset, 1, pointer)'),
  address('words are signed for binaryen', 'Load.setSigned(load, false)', 'Load.setSigned(load, true)'),
  statements('i16 is filled as i32', '=== 2 ? out.i16x8.splat(value)', '=== 1 ? out.i16x8.splat(value)'),
  statements(
    'new arrays are not cleared',
    'out.memory.fill(get(pointer), out.i32.const(0), scaled(frame, get(count), ELEM_BYTES[elem])),',
    'out.nop(),',
  ),
  loops('the step of a for is 1', 'out.i32.const(stmt.step)', 'out.i32.const(1)'),
  // lowering
  lowering('> is >=', "'>': 'f64.gt'", "'>': 'f64.ge'"),
  convert('NaN is true', "op('f64.gt', op('f64.abs', expr), f64(0))", "op('f64.ne', expr, f64(0))"),
  convert(
    'an element beyond the end is 0',
    'condition(value.inBounds, value.number, f64(Number.NaN))',
    'condition(value.inBounds, value.number, f64(0))',
  ),
  assign('clamped arrays wrap', "op('i32.clamp_u8', toNumber(c, value, node))", 'toInt32(c, value, node)'),
  assign(
    'a store one beyond the end',
    "test: op('i32.lt_u', index, lengthOf(array)), then: [store]",
    "test: op('i32.le_u', index, lengthOf(array)), then: [store]",
  ),
  assign('x++ is ++x', 'return node.prefix ? written : old', 'return written'),
  inFile('compiler/program/lower.ts')(
    '-0 passes for an integer',
    "op('i64.ne', op('i64.bits_f64', back), op('i64.bits_f64', value.expr))",
    "op('f64.ne', back, value.expr)",
  ),
  inFile('compiler/program/choose.ts')(
    'arms with effects are expressions',
    '!copiesOnly(stmt.then, chosen) || !copiesOnly(stmt.else, chosen)',
    'stmt.then.length + stmt.else.length > 99',
  ),
  facts('what a kernel fills is not copied back', 'return [stmt.array]', 'return []'),
  // calls of the kernel library
  given(
    'arrays of different lengths are taken for alike',
    "check(call, op('i32.ne', lengthOf(y), lengthOf(x)), `\\`${name}\\` has another length`)",
    'void y',
  ),
  given(
    'the length of an output is not checked',
    "op('i32.ne', lengthOf(out), length), '`out` has",
    "i32(0), '`out` has",
  ),
  given('an output may overlap an input', "check(call, overlap, '`out` overlaps an input')", 'void overlap'),
  given('NaN is a number to all of them', "op('f64.ne', value, value), `\\`${name}\\` is NaN`", 'i32(0), name'),
  library('an empty array has an extreme', "op('i32.ne', lengthOf(x), i32(0)), then", 'i32(1), then'),
  library('the bounds of a clamp are swapped', "op('f64.lt', high, low)", "op('f64.lt', low, high)"),
  primitives('outputs are read and not written', "arraysOf(stmt, param => param === 'out')", '[]'),
  // marshalling
  marshal('an exit leaves what was written', 'this.#plan.exitsAfterEffect || this.#plan.usesArena', 'false'),
]

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of template literals
import type { Mutant } from './mutants.ts'

/** Planted defects of the vectoriser and of the tails of its loops; hunted by vector-hunt.ts. */

const inFile =
  (name: string) =>
  (what: string, old: string, made: string): Mutant => ({ name: what, file: `compiler/vector/${name}.ts`, old, made })

const memory = inFile('memory')
const split = inFile('split')
const dependence = inFile('dependence')
const statements = inFile('statements')
const conversions = inFile('conversions')
const widths = inFile('widths')
const reductions = inFile('reductions')
const loops = inFile('rewrite-loop')
const narrow = inFile('narrow-lanes')
const jam = inFile('jam')

const second =
  (name: string) =>
  (what: string, old: string, made: string): Mutant => ({ name: what, file: `compiler/${name}.ts`, old, made })
const induction = second('passes/induction')
const advance = second('analysis/advance')
const rare = inFile('rare')

export const VECTOR_MUTANTS: readonly Mutant[] = [
  rare(
    'blocks overlap',
    "op('i32.mul', get(index, 'i32'), i32(size))",
    "op('i32.mul', get(index, 'i32'), i32(size - 3))",
  ),
  rare('one round of the next block is run', "op('i32.ge_s', counter, end)", "op('i32.gt_s', counter, end)"),
  rare('the last block is a whole one', "op('i32.gt_u', op('i32.sub', to, first), i32(size))", 'i32(1)'),
  rare('tests behind a test are not searched', 'else: searchOf(stmt.else, state, found)', 'else: []'),
  rare('rounds are run again from the start', '[set(loop.local, first), {', '[set(loop.local, loop.from), {'),
  induction(
    'a second index stays where it is',
    'plus(base, times(own === undefined',
    'plus(base, times(own !== undefined',
  ),
  induction('after the loop a second index is where it began', 'plus(one.base, times(one.amount, rounds))', 'one.base'),
  induction(
    'a loop that is left keeps the old index',
    '.filter(({ labels }) => !labels.has(label))',
    '.filter(({ labels }) => labels.has(label))',
  ),
  induction('fractions are taken for integers', 'const doubts = isWhole ?', 'const doubts = !isWhole ?'),
  induction('-0 is a constant 0', '!begin.nan && !begin.negZero', '!begin.nan'),
  induction(
    'indices beyond 32 bits wrap',
    'value >= I32_MIN && value <= I32_MAX',
    'value >= I32_MIN || value <= I32_MAX',
  ),
  induction('a nest begins each row at the start', 'base: numberIn(context, local), amount', 'base: i32(0), amount'),
  induction('the counter of a loop in steps is that of its rounds', 'times(i32(step), unit)', 'unit'),
  advance('rounds in steps are too many', "op('i32.sub', all, i32(1))", 'all'),
  advance(
    'an index that not every round moves is one',
    'if (jumpsTo([stmt], entered))',
    'if (jumpsTo([stmt], entered) && entered.size > 99)',
  ),
  advance('what is taken away is added', '? negative(amount) : amount', '? amount : amount'),
  advance(
    'loops with an inner one that differs',
    'search.isInvariant(expr) && isSpeculable(expr)',
    'isSpeculable(expr)',
  ),
  memory('loads backwards begin too early', 'loads(-(part + 1) * lanes + 1)', 'loads(-(part + 1) * lanes)'),
  memory('stores backwards begin too early', '1 - (part + 1) * count', '-(part + 1) * count'),
  memory('conditional stores store all', 'builder.mask ? masked(builder, stmt, kept) : kept', 'kept'),
  memory('what was loaded stays known after a store', '=> shared.clear()', '=> void shared'),
  memory('signed fields of words begin at bit 0', '32 - bits - low', '32 - bits'),
  split('rounds of the last group are done twice', "op('i32.and', enough, i32(-group))", 'enough'),
  split('one round beyond the end', "return op('i32.sub', length, first)", "return op('i32.add', length, i32(1))"),
  dependence('rounds that need earlier ones are done together', 'rounds * side < 0', 'rounds * side > 0'),
  dependence('rows may be near', 'i32(1)), i32(group - 1))', 'i32(1)), i32(group - 3))'),
  statements('lanes that left a loop go on', 'if (!mask || mask.parts === parts)', 'if (mask || !mask)'),
  statements(
    'lanes in no arm take the second',
    "combineMasks(builder, 'andnot', outer, test)",
    'inverse(builder, test)',
  ),
  statements('the last value is that of another lane', 'LANES[type] - 1)', '0)'),
  statements('conditional assignments are not', 'const free = !mask || !old ||', 'const free = mask !== null ||'),
  statements('conditional sums take all', 'builder.mask ? select(builder, builder.mask, made, old) : made', 'made'),
  statements(
    'a condition changes in its own arm',
    "kept(builder, maskOf(builder, stmt.test), 'm')",
    "held(builder, maskOf(builder, stmt.test), 'm')",
  ),
  statements('a loop left in its first group has last values', '!leaves || forms.length === 0', 'forms.length >= 0'),
  statements('places go on with what an inner loop sets', 'if (isStale(form))', 'if (isStale(form) && set.size < 0)'),
  memory('views may move under stores', '(!isSameArray(builder, array))', '(false)'),
  memory('views may move under loads', '!isSameArray(builder, array) && (', 'false && ('),
  loops('what is true is kept bit by bit', "op('i32.ne', before, i32(0))", 'before'),
  inFile('interleave')('rows take what comes later', 'kept(builder, value)', 'value'),
  conversions(
    '2^31 saturates',
    "vop('f64x2.ge', vop('f64x2.abs', part), limit)",
    "vop('f64x2.gt', vop('f64x2.abs', part), limit)",
  ),
  conversions('clamped bytes are truncated', "'f64x2.nearest'", "'f64x2.floor'"),
  conversions(
    'halves are rounded down',
    "vop('f64x2.ge', vop('f64x2.sub', x, down), h)",
    "vop('f64x2.gt', vop('f64x2.sub', x, down), h)",
  ),
  conversions(
    'high lanes are converted twice',
    'shuffle([2, 3, 2, 3], part, part)',
    'shuffle([2, 2, 2, 3], part, part)',
  ),
  widths('narrowing takes the high halves', '(_, i) => 2 * i)', '(_, i) => 2 * i + 1)'),
  reductions('greatest values begin with 0', "'f64.max': Number.NEGATIVE_INFINITY", "'f64.max': 0"),
  reductions('half of the lanes are gathered twice', '(i + lanes / 2) % LANES[type]', 'i'),
  reductions('lanes picked by the other relation', 'args: [b, a] }', 'args: [a, b] }'),
  inFile('extremes')('m < x is x < m', "gt: 'lt', lt: 'gt'", "gt: 'gt', lt: 'lt'"),
  loops('any zero will do', 'const zeros = fast ? []', 'const zeros = !fast ? []'),
  loops('rows are always far apart', "request.safe ? op('i32.and', some, request.safe) : some", 'some'),
  inFile('exits')(
    'tests may come before stores that they read',
    "node.kind === 'load' && stored.has",
    "node.kind === 'len' && stored.has",
  ),
  inFile('flags')('flags are always set', "test: get(flag, 'i32')", 'test: i32(1)'),
  narrow('17 bits fit 16', "hi < 2 ** 16 ? 'u'", "hi < 2 ** 17 ? 'u'"),
  narrow('shifts of unsigned values are signed', '`i16x8.shr_${whole.widened}`', '`i16x8.shr_s`'),
  narrow('bytes saturate', 'range.hi <= 255', 'range.hi <= 2000'),
  inFile('vertex-range')(
    'squares have their extremes at corners',
    'product && made.has(key)',
    'product && made.size > 99',
  ),
  jam('rounds that were jammed use one counter', "op('i32.add', node, i32(round))", "op('i32.add', node, i32(0))"),
  jam(
    'rounds that were jammed share their records',
    'const local = localRead(node)',
    "const local = node.kind === 'get' ? node.local : undefined",
  ),
  jam('an index has its last value everywhere', ' || !areSetOnce([...before, ...sets])', ''),
  jam('neighbours are the element itself', 'loads > 0 && !others', 'loads > 0'),
  inFile('interleave')('rows are dealt from the first lane', 'Math.floor(element / stride)', '0'),
  inFile('masks')(
    'a && b is a || b',
    "combineMasks(builder, 'and', test, arm(expr.then))",
    "combineMasks(builder, 'or', test, arm(expr.then))",
  ),
  inFile('expressions')(
    'counters go up by one',
    '(part * lanes + lane) * step * stride',
    '(part * lanes + lane) * stride',
  ),
  inFile('linear')('shifts multiply by the count', '2 ** Number(b.value)', 'Number(b.value)'),
]

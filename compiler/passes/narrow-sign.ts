import type { Ranges } from '../analysis/ranges.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { children, rootExprs, visitStmts } from '../ir/rewrite.ts'

/**
 * Which locals are read where +0 and -0 make a difference. `wanted` says for the values of which locals the sign of
 * zero matters; a local that is no integer wants it.
 */
export function signSensitive(
  body: readonly Stmt[],
  ranges: Ranges,
  wanted: (local: LocalId) => boolean,
): ReadonlySet<LocalId> {
  const found = new Set<LocalId>()
  visitStmts(body, stmt => {
    if (stmt.kind === 'set') visit(stmt.value, wanted(stmt.local), ranges, found)
    else for (const expr of rootExprs(stmt)) visit(expr, true, ranges, found)
  })
  return found
}

function visit(expr: Expr, sign: boolean, ranges: Ranges, found: Set<LocalId>): void {
  if (expr.kind === 'get') {
    if (sign && expr.type === 'f64') found.add(expr.local)
    return
  }
  if (expr.kind === 'cond') {
    visit(expr.test, true, ranges, found)
    visit(expr.then, sign, ranges, found)
    visit(expr.else, sign, ranges, found)
    return
  }
  if (expr.kind !== 'op') {
    for (const child of children(expr)) visit(child, true, ranges, found)
    return
  }
  expr.args.forEach((arg, index) => {
    visit(arg, argumentSign(expr, index, sign, ranges), ranges, found)
  })
}

/** Whether the sign of a zero operand can be seen in the result. */
export function argumentSign(
  expr: Extract<Expr, { kind: 'op' }>,
  index: number,
  sign: boolean,
  ranges: Ranges,
): boolean {
  const other = expr.args[1 - index]
  switch (expr.op) {
    // x + y is -0 only if both are; any other value absorbs the sign of a zero
    case 'f64.add':
      return sign && (!other || ranges.of(other).negZero)
    case 'f64.mul':
    case 'f64.neg':
    case 'f64.sqrt':
    case 'f64.floor':
    case 'f64.ceil':
    case 'f64.trunc':
    case 'f64.nearest':
    case 'f64.round':
    case 'f64.sign':
    case 'f64.min':
    case 'f64.max':
    case 'f64.sub':
    case 'f32.from_f64':
      return sign
    case 'f64.rem':
    case 'f64.div':
      return index === 0 ? sign : expr.op === 'f64.div'
    case 'f64.select':
      return index === 0 || sign
    case 'f64.abs':
    case 'f64.eq':
    case 'f64.ne':
    case 'f64.lt':
    case 'f64.le':
    case 'f64.gt':
    case 'f64.ge':
    case 'i32.from_f64_js':
    case 'i32.trunc_sat_s':
    case 'i32.trunc_sat_u':
    case 'i64.trunc_sat_s':
    case 'i32.index_f64':
    case 'i32.clamp_u8':
      return false
    default:
      return true
  }
}

import { Miss } from '../base/diagnostic.ts'
import type { CallPlan, CompileOptions } from './abi.ts'
import type { Expr, LocalId, Module } from './ir/ir.ts'
import { visitStmts } from './ir/rewrite.ts'

type Wanted = NonNullable<CompileOptions['returns']>

/**
 * Compares the option `returns` with what the compiler found. A number is an i32 or u32 where every returned value is one
 * by proof, and an f32 where it was rounded to one.
 * @throws Miss IRIS3003 when they disagree
 */
export function checkReturns(wanted: Wanted | undefined, plan: Pick<CallPlan, 'result'>, module: Module): void {
  if (wanted === undefined) return
  const found = kindOf(plan, module)
  if (found !== wanted && !(wanted === 'f64' && NUMBERS.has(found))) throw new Miss('IRIS3003', { wanted, found })
}

const NUMBERS = new Set(['i32', 'u32', 'f32'])

function kindOf({ result }: Pick<CallPlan, 'result'>, module: Module): string {
  if (result.kind === 'void' || result.kind === 'bool') return result.kind
  if (result.kind !== 'f64') return result.kind === 'constant' ? typeof result.value : result.kind
  const kinds = returned(module).map(numberKind)
  return kinds.every(kind => kind === kinds[0]) ? (kinds[0] ?? 'f64') : 'f64'
}

/** Every value that the entry may return; a local stands for all that is put into it. */
function returned(module: Module): Expr[] {
  const body = module.funcs.find(func => func.name === module.entry)?.body ?? []
  const puts = new Map<LocalId, Expr[]>()
  const values: Expr[] = []
  visitStmts(body, stmt => {
    if (stmt.kind === 'set') puts.set(stmt.local, [...(puts.get(stmt.local) ?? []), stmt.value])
    if (stmt.kind === 'return' && stmt.value) values.push(stmt.value)
  })
  return values.flatMap(value => (value.kind === 'get' ? (puts.get(value.local) ?? [value]) : [value]))
}

function numberKind(value: Expr): string {
  if (value.kind === 'const')
    return Number.isInteger(value.value) && Math.abs(Number(value.value)) < 2 ** 31 && !Object.is(value.value, -0)
      ? 'i32'
      : 'f64'
  if (value.kind !== 'op') return 'f64'
  const kinds: Readonly<Record<string, string>> = {
    'f64.from_i32_s': 'i32',
    'f64.from_i32_u': 'u32',
    'f64.from_f32': 'f32',
  }
  return kinds[value.op] ?? 'f64'
}

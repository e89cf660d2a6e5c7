import type { CallPlan } from '../../compiler/abi.ts'
import type { Module, Stmt } from '../../compiler/ir/ir.ts'
import { emit } from '../../compiler/target/emit.ts'
import { hostFunction } from '../../runtime/exec/hosts.ts'
import type { WasmFunction } from '../../runtime/exec/instance.ts'
import type { ThreadContext } from '../../runtime/exec/thread-context.ts'
import type { Compiled } from './engine.ts'

/** Emitting a module costs far more than emitting a function: many programs go into one. */
export interface Batched {
  readonly run: WasmFunction
  readonly plan: CallPlan
}

export async function emitBatch(
  programs: readonly Compiled[],
  context: ThreadContext,
  optimize: 0 | 1,
): Promise<Batched[]> {
  if (programs.length === 0) return []
  const merged = merge(programs.map(({ module }) => module))
  const names = programs.map((_, i) => entryName(i))
  const { wasm, hosts } = await emit(merged, { optimize, exports: names.slice(1) })
  const host = Object.fromEntries(hosts.map(name => [name, hostFunction(name)]))
  const imports = { env: { memory: context.memory.wasm as WebAssembly.Memory, context: context.address }, host }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>), imports)
  return programs.map(({ plan }, i) => ({
    run: exports[i === 0 ? 'run' : names[i]!] as WasmFunction,
    plan: { ...plan, exits: merged.exits },
  }))
}

const entryName = (program: number): string => `run.${program}`

/** One module of many: functions get the number of their program, exits are numbered on. */
function merge(modules: readonly Module[]): Module {
  const exits = modules.flatMap(module => module.exits)
  let firstExit = 0
  const funcs = modules.flatMap((module, program) => {
    const rename = (name: string): string => (name === module.entry ? entryName(program) : `${name}.${program}`)
    const offset = firstExit
    firstExit += module.exits.length
    return module.funcs.map(func => ({
      ...func,
      name: rename(func.name),
      body: mapBody(func.body, stmt => {
        if (stmt.kind === 'exit') return { ...stmt, site: stmt.site + offset }
        return stmt.kind === 'call' ? { ...stmt, func: rename(stmt.func) } : stmt
      }),
    }))
  })
  return { funcs, entry: entryName(0), exits, slots: Math.max(...modules.map(module => module.slots)) }
}

function mapBody(body: readonly Stmt[], change: (stmt: Stmt) => Stmt): Stmt[] {
  return body.map(stmt => {
    switch (stmt.kind) {
      case 'if':
        return { ...stmt, then: mapBody(stmt.then, change), else: mapBody(stmt.else, change) }
      case 'block':
      case 'loop':
      case 'for':
        return { ...stmt, body: mapBody(stmt.body, change) }
      default:
        return change(stmt)
    }
  })
}

import type binaryen from 'binaryen'
import { invariant } from '../../base/invariant.ts'
import type { Func, Module } from '../ir/ir.ts'
import { isArray } from '../ir/types.ts'
import { createUnit, type Frame, newFrame, typeOf, type Unit } from './frame.ts'
import { optimize } from './optimize.ts'
import { declareFork, emitChunks } from './regions.ts'
import { emitBody } from './statements.ts'

/** The library, and one module under construction. This file is the only one that imports binaryen. */
export type Wasm = typeof binaryen
export type Assembler = binaryen.Module
export type ExprRef = binaryen.ExpressionRef
export type WasmType = binaryen.Type

export interface EmitOptions {
  /** Also give the text form. */
  readonly wat?: boolean
  /** 0: as written, for debugging the emitter; 1 (default): the pass list of optimize.ts. */
  readonly optimize?: 0 | 1
  /** Check the module with binaryen's validator (tests). */
  readonly validate?: boolean
  /** Limits, in pages, of the declared memory import; any shared memory satisfies the default. */
  readonly memory?: Limits
  /** Loops ask the context block at a bounded interval whether to stop (see CONTEXT.cancel). */
  readonly cancellable?: boolean
  /** Functions to export beside the entry, under their own names: many kernels in one module. */
  readonly exports?: readonly string[]
}

export interface Emitted {
  readonly wasm: Uint8Array
  readonly wat?: string
  /** Host functions imported from module `host`, in import order. */
  readonly hosts: string[]
}

/** What binaryen 132 offers but its type declarations put elsewhere. */
interface LocalNames {
  readonly Function: { setLocalName(func: binaryen.FunctionRef, index: number, name: string): void }
}

interface Limits {
  readonly initial: number
  readonly maximum: number
}
const ANY_MEMORY: Limits = { initial: 0, maximum: 65536 }

/** Internal name of the memory: the one that binaryen's reader gives it in the kernels, whose code is copied here. */
const MEMORY = 'mimport$0'

/** Turns a verified module into Wasm. The memory and call contract is in compiler/abi.ts. */
export async function emit(module: Module, options: EmitOptions = {}): Promise<Emitted> {
  const wasm = await loadBinaryen()
  const unit = createUnit(wasm, new wasm.Module(), module, {
    named: options.wat === true,
    cancellable: options.cancellable === true,
  })
  try {
    assemble(unit, options)
    if (options.validate) invariant(unit.out.validate() === 1, `emitted module is not valid:\n${unit.out.emitText()}`)
    if (options.optimize !== 0) optimize(unit)
    return finish(unit, options)
  } finally {
    unit.out.dispose()
  }
}

/** Everything but the optimisation. */
export function assemble(unit: Unit, { memory = ANY_MEMORY, exports = [] }: EmitOptions = {}): void {
  declareImports(unit, memory)
  declareFork(unit)
  for (const func of unit.source.funcs) emitFunction(unit, func)
  emitChunks(unit)
  if (unit.data.size > 0) declareMemory(unit, memory)
  unit.out.addFunctionExport(unit.source.entry, 'run')
  for (const name of exports) unit.out.addFunctionExport(name, name)
}

export async function loadBinaryen(): Promise<Wasm> {
  const { default: wasm } = await import('binaryen')
  // Function names go into the binary, for profilers and stack traces.
  wasm.setDebugInfo(true)
  wasm.setFastMath(false)
  return wasm
}

function declareImports(unit: Unit, memory: Limits): void {
  const { wasm, out } = unit
  const { Features } = wasm
  out.setFeatures(
    Features.SIMD128 |
      Features.RelaxedSIMD |
      Features.Atomics |
      Features.BulkMemory |
      Features.BulkMemoryOpt |
      Features.NontrappingFPToInt |
      Features.SignExt |
      Features.MutableGlobals |
      Features.Multivalue,
  )
  declareMemory(unit, memory)
  out.addGlobalImport('context', 'env', 'context', wasm.i32, false)
}

/** Also called when functions are in place, to add the static data that they need. */
function declareMemory({ out, data }: Unit, memory: Limits): void {
  const segments = [...data].map(({ offset, bytes }) => ({ offset: out.i32.const(offset), data: bytes }))
  out.setMemory(memory.initial, memory.maximum, null, segments, true, false, MEMORY)
  out.addMemoryImport(MEMORY, 'env', 'memory', true)
}

function emitFunction(unit: Unit, func: Func): void {
  const frame = newFrame(unit, func)
  const body = emitBody(frame, func.body)
  const params = unit.wasm.createType(func.params.flatMap(param => typeOf(unit, param.type)))
  const ref = unit.out.addFunction(func.name, params, resultType(unit, func), frame.locals.vars(), body)
  if (unit.named) nameLocals(frame, ref)
}

function resultType(unit: Unit, func: Func): WasmType {
  return func.result === 'void' ? unit.wasm.none : unit.wasm.createType(typeOf(unit, func.result))
}

/** Locals keep their names in the text form. */
function nameLocals({ unit, func, locals }: Frame, ref: binaryen.FunctionRef): void {
  const { Function: functions } = unit.wasm as Wasm & LocalNames
  func.locals.forEach((local, id) => {
    const name = `${local.name}.${id}`
    functions.setLocalName(ref, locals.first(id), name)
    if (isArray(local.type)) functions.setLocalName(ref, locals.first(id) + 1, `${name}.length`)
  })
}

function finish(unit: Unit, options: EmitOptions): Emitted {
  const text = options.wat ? { wat: unit.out.emitText() } : {}
  return { wasm: unit.out.emitBinary(), hosts: [...unit.hosts], ...text }
}

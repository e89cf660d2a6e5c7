import { invariant } from '../../base/invariant.ts'
import type { Func, LocalId, Module } from '../ir/ir.ts'
import { isArray, isList, isVector, type Scalar, type Type, type VectorType } from '../ir/types.ts'
import type { Assembler, ExprRef, Wasm, WasmType } from './emit.ts'
import { Labels } from './labels.ts'
import type { StaticData } from './link.ts'

export interface UnitSettings {
  /** Locals keep their names, for the text form. */
  readonly named: boolean
  /** Loops poll the cancel word. */
  readonly cancellable: boolean
}

/** One Wasm module being built from one IR module. */
export interface Unit extends UnitSettings {
  readonly wasm: Wasm
  readonly out: Assembler
  readonly source: Module
  readonly funcs: ReadonlyMap<string, Func>
  /** Host functions imported so far, in import order. */
  readonly hosts: Set<string>
  /** Support and kernel functions present so far. */
  readonly present: Set<string>
  /** Static data of the kernel families linked so far. */
  readonly data: Set<StaticData>
}

/** One function being emitted. */
export interface Frame {
  readonly unit: Unit
  readonly func: Func
  readonly locals: WasmLocals
  readonly labels: Labels
}

export function createUnit(wasm: Wasm, out: Assembler, source: Module, settings: UnitSettings): Unit {
  const funcs = new Map(source.funcs.map(func => [func.name, func]))
  return { ...settings, wasm, out, source, funcs, hosts: new Set(), present: new Set(), data: new Set() }
}

export function newFrame(unit: Unit, func: Func): Frame {
  return { unit, func, locals: new WasmLocals(unit, func), labels: new Labels() }
}

export function scalarType({ wasm }: Unit, type: Scalar | VectorType): WasmType {
  if (isVector(type)) return wasm.v128
  return type === 'box' ? wasm.i64 : wasm[type as Exclude<Scalar, 'box'>]
}

/** The Wasm values that carry a value of this type: an array is a pointer and a length, a list one handle. */
export function typeOf(unit: Unit, type: Type): WasmType[] {
  const { i32 } = unit.wasm
  if (isArray(type)) return [i32, i32]
  if (isList(type)) return [i32]
  return [scalarType(unit, type as Scalar)]
}

export function localType(frame: Frame, local: LocalId): Type {
  const found = frame.func.locals[local]
  invariant(found, `${frame.func.name}: no local ${local}`)
  return found.type
}

/** Maps IR locals to Wasm locals and hands out temporaries. */
export class WasmLocals {
  readonly #first: number[] = []
  readonly #types: WasmType[] = []
  readonly #params: number
  readonly #free = new Map<WasmType, number[]>()
  readonly #taken: { readonly type: WasmType; readonly index: number }[] = []

  constructor(unit: Unit, func: Func) {
    func.locals.forEach((local, id) => {
      this.#first[id] = this.#types.length
      this.#types.push(...typeOf(unit, local.type))
    })
    this.#params = this.#first[func.params.length] ?? this.#types.length
  }

  /** Wasm local of an IR local (of an array: its pointer; its length is the next one). */
  first(local: LocalId): number {
    const index = this.#first[local]
    invariant(index !== undefined, `no Wasm local for local ${local}`)
    return index
  }

  temp(type: WasmType): number {
    const index = this.#free.get(type)?.pop() ?? this.#types.push(type) - 1
    this.#taken.push({ type, index })
    return index
  }

  /** Runs `build` and takes back the temporaries that it used: they live no longer than one statement. */
  scoped<T>(build: () => T): T {
    const mark = this.#taken.length
    const built = build()
    for (const { type, index } of this.#taken.splice(mark)) {
      const free = this.#free.get(type)
      if (free) free.push(index)
      else this.#free.set(type, [index])
    }
    return built
  }

  /** Types of the Wasm locals that are not parameters. */
  vars(): WasmType[] {
    return this.#types.slice(this.#params)
  }
}

/** Address of the instance's context block. */
export const context = ({ wasm, out }: Unit): ExprRef => out.global.get('context', wasm.i32)

/** Imports a function of the host (f64 … → f64) at its first use; gives its name inside the module. */
export function hostFunction(unit: Unit, name: string, arity: number): string {
  const { out, wasm, hosts } = unit
  if (!hosts.has(name)) {
    hosts.add(name)
    out.addFunctionImport(`host.${name}`, 'host', name, wasm.createType(Array(arity).fill(wasm.f64)), wasm.f64)
  }
  return `host.${name}`
}

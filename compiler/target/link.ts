import { readFileSync } from 'node:fs'
import { builtPath } from '../../base/files.ts'
import { invariant } from '../../base/invariant.ts'
import type { Assembler, Wasm } from './emit.ts'
import type { Unit } from './frame.ts'

/**
 * Brings functions of the AssemblyScript kernels (dist/kernels/<family>.wasm) into the module being compiled: the
 * function asked for and what it calls, nothing else. A family is read once per thread; binaryen copies expressions
 * from one of its modules to another, so that linking a function costs some 0.1 ms, and V8 sees calls inside one
 * module. Static data of a family (addresses below ARRAYS_FROM, see abi.ts) is carried along as active segments:
 * every instance writes the same bytes to the same place.
 */
export interface Family {
  readonly module: Assembler
  readonly data: readonly StaticData[]
  /** Direct callees by function. */
  readonly callees: Map<string, readonly string[]>
}

export interface StaticData {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** What binaryen 132 offers but its type declarations leave out. */
interface DataSegments {
  getNumDataSegments(): number
  getDataSegmentInfo(segment: number): { readonly offset: number; readonly data: ArrayBuffer }
}

/** Families read so far by the binaryen of this thread. */
const families = new WeakMap<Wasm, Map<string, Family>>()

/** Adds the exported function of a kernel family if it is not there yet; gives its name inside the module. */
export function kernelFunction(unit: Unit, family: string, name: string): string {
  return linkFunction(unit, familyOf(unit.wasm, family), name)
}

export function linkFunction(unit: Unit, from: Family, name: string): string {
  const exported = from.module.getExport(name)
  invariant(exported, `the kernels have no function ${name}`)
  const { value } = unit.wasm.getExportInfo(exported)
  copyFunction(unit, from, value)
  for (const data of from.data) unit.data.add(data)
  return value
}

function familyOf(wasm: Wasm, name: string): Family {
  const known = families.get(wasm) ?? new Map<string, Family>()
  families.set(wasm, known)
  const family = known.get(name) ?? openFamily(wasm, readFileSync(builtPath(`kernels/${name}.wasm`)))
  known.set(name, family)
  return family
}

export function openFamily(wasm: Wasm, bytes: Uint8Array): Family {
  const module = wasm.readBinary(bytes) as Assembler & DataSegments
  invariant(module.getNumGlobals() === 0, 'kernels with globals cannot be linked')
  const data = Array.from({ length: module.getNumDataSegments() }, (_, index) => {
    const { offset, data } = module.getDataSegmentInfo(module.getDataSegmentByIndex(index))
    return { offset, bytes: new Uint8Array(data) }
  })
  return { module, data, callees: new Map() }
}

function copyFunction(unit: Unit, from: Family, name: string): void {
  if (unit.present.has(name)) return
  unit.present.add(name)
  const { wasm, out } = unit
  const { params, results, vars, body } = wasm.getFunctionInfo(from.module.getFunction(name))
  out.addFunction(name, params, results, vars, out.copyExpression(body))
  for (const callee of calleesOf(wasm, from, name)) copyFunction(unit, from, callee)
}

/** binaryen's JS interface has no walker over a whole body, but its text form names every callee. */
function calleesOf(wasm: Wasm, from: Family, name: string): readonly string[] {
  const known = from.callees.get(name)
  if (known) return known
  const text = wasm.emitText(wasm.getFunctionInfo(from.module.getFunction(name)).body)
  const calls = text.matchAll(/\(call \$(?:"([^"]*)"|([^\s()]+))/g)
  const found = [...new Set([...calls].map(([, quoted, plain]) => quoted ?? plain!))]
  from.callees.set(name, found)
  return found
}

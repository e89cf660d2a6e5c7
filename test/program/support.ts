import type { CompileOptions, CompileRequest, SourceFunction, ValueShape } from '../../compiler/abi.ts'

const ELEMS = {
  Float64Array: 'f64',
  Float32Array: 'f32',
  Int8Array: 'i8',
  Uint8Array: 'u8',
  Uint8ClampedArray: 'u8c',
  Int16Array: 'i16',
  Uint16Array: 'u16',
  Int32Array: 'i32',
  Uint32Array: 'u32',
} as const

export const OPTIONS: CompileOptions = { math: 'strict', contract: false, speculateIntegers: true, tier: 'scalar' }

/** A value's shape as the main thread would describe it; each array is its own. */
export function shapeOf(value: unknown, ids: Map<unknown, number> = new Map()): ValueShape {
  const id = ids.get(value) ?? ids.size
  ids.set(value, id)
  switch (typeof value) {
    case 'number':
      return { k: 'number' }
    case 'boolean':
      return { k: 'boolean' }
    case 'undefined':
      return { k: 'undefined' }
    case 'string':
      return { k: 'string', value }
    default:
  }
  if (value === null) return { k: 'null' }
  const elem = ELEMS[(value as object).constructor.name as keyof typeof ELEMS]
  if (elem) return { k: 'typed', elem, id, group: id }
  if (Array.isArray(value)) return { k: 'list', id, ...(value.length > 0 && { element: shapeOf(value[0], ids) }) }
  return {
    k: 'object',
    id,
    fields: Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, shapeOf(v, ids)])),
  }
}

export const GLOBALS: Readonly<Record<string, ValueShape>> = Object.fromEntries(
  ['Math', 'Number', 'Array', 'Object', 'isNaN', 'isFinite', 'Boolean', ...Object.keys(ELEMS)].map(name => [
    name,
    { k: 'builtin', name },
  ]),
)

/** A request for a function and its helpers (by name), called with these arguments. */
export function requestFor(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  helpers: Readonly<Record<string, (...args: never[]) => unknown>> = {},
  options: Partial<CompileOptions> = {},
): CompileRequest {
  const names = Object.keys(helpers)
  const free: Record<string, ValueShape> = { ...GLOBALS, [fn.name]: { k: 'function', index: 0 } }
  names.forEach((name, i) => (free[name] = { k: 'function', index: i + 1 }))
  const functions: SourceFunction[] = [fn, ...names.map(name => helpers[name]!)].map(f => ({
    name: f.name,
    text: f.toString(),
    free,
  }))
  const ids = new Map<unknown, number>()
  return {
    graph: { functions },
    profile: { args: args.map(a => shapeOf(a, ids)), count: args.length },
    options: { ...OPTIONS, ...options },
  }
}

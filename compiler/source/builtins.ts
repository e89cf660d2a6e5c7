import { kernelName, kernelNamed } from '../../base/library.ts'

/**
 * Built-ins are known by identity, never by name: `const { floor } = Math` is still Math.floor, and a patched
 * Math.imul is not Math.imul. Taken when this module loads; functions of the kernel library are known once that is loaded.
 */
const names = new Map<unknown, string>()
const values = new Map<string, unknown>()
const originals = new WeakMap<object, object>()

/** Makes a function (or namespace object) known under a name, like 'iris.range'. */
export function registerBuiltin(name: string, value: object): void {
  if (!names.has(value)) names.set(value, name)
  values.set(name, value)
}

export const builtinName = (value: unknown): string | undefined => names.get(value) ?? kernelName(value)

/** What was registered under a name: guards compare with it. */
export const builtinValue = (name: string): unknown => values.get(name) ?? kernelNamed(name)

/** A kernel stands for the function that it was made from, also when another kernel calls it. */
export function registerOriginal(kernel: object, original: object): void {
  originals.set(kernel, original)
}

export const originalOf = (fn: object): object => originals.get(fn) ?? fn

const CONSTRUCTORS = [
  ...[
    'Object',
    'Function',
    'Number',
    'Boolean',
    'String',
    'Symbol',
    'BigInt',
    'Array',
    'ArrayBuffer',
    'SharedArrayBuffer',
    'DataView',
    'Date',
    'RegExp',
  ],
  ...[
    'Map',
    'Set',
    'WeakMap',
    'WeakSet',
    'Promise',
    'Proxy',
    'Error',
    'TypeError',
    'RangeError',
    'SyntaxError',
    'ReferenceError',
    'EvalError',
    'URIError',
  ],
  ...[
    'Float64Array',
    'Float32Array',
    'Int8Array',
    'Int16Array',
    'Int32Array',
    'Uint8Array',
    'Uint16Array',
    'Uint32Array',
    'Uint8ClampedArray',
  ],
  ...['BigInt64Array', 'BigUint64Array', 'AggregateError'],
]
const FUNCTIONS = ['isNaN', 'isFinite', 'parseInt', 'parseFloat', 'eval', 'encodeURIComponent', 'decodeURIComponent']
const NAMESPACES = ['Math', 'JSON', 'Reflect', 'Atomics', 'console']
/** Names that every program sees as global, for surroundings in which scopes cannot be read. */
export const GLOBAL_NAMES: ReadonlySet<string> = new Set([
  ...CONSTRUCTORS,
  ...FUNCTIONS,
  ...NAMESPACES,
  'undefined',
  'NaN',
  'Infinity',
])

const textOf = Function.prototype.toString

/** Programs may have replaced built-ins before this module was loaded. */
const isNative = (value: object, name: string): boolean =>
  Reflect.apply(textOf, value, []) === `function ${name}() { [native code] }`

function registerMembers(prefix: string, owner: object): void {
  for (const key of Object.getOwnPropertyNames(owner)) {
    const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value
    if (typeof value !== 'function' || key === 'constructor') continue
    if (prefix === 'console' || isNative(value, key)) registerBuiltin(`${prefix}.${key}`, value)
  }
}

function registerGlobals(): void {
  const globals = globalThis as unknown as Readonly<Record<string, object | undefined>>
  for (const name of [...CONSTRUCTORS, ...FUNCTIONS, ...NAMESPACES]) {
    const value = globals[name]
    if (value && (typeof value !== 'function' || isNative(value, name))) registerBuiltin(name, value)
  }
  const typedArray = Object.getPrototypeOf(Float64Array) as { prototype: object }
  registerMembers('TypedArray.prototype', typedArray.prototype)
  registerMembers('TypedArray', typedArray)
  for (const name of NAMESPACES) registerMembers(name, globals[name] ?? {})
  for (const name of CONSTRUCTORS) {
    const type = globals[name] as { prototype?: object } | undefined
    if (!type) continue
    registerMembers(name, type)
    if (type.prototype) registerMembers(`${name}.prototype`, type.prototype)
  }
}

registerGlobals()

import { types } from 'node:util'
import { type Diagnostic, Miss } from '../../base/diagnostic.ts'
import type { Profile, SourceFunction, SourceGraph, ValueShape } from '../abi.ts'
import { accessorValue } from './accessor.ts'
import { originalOf } from './builtins.ts'
import { type FreeVariable, type FunctionSurroundings, freeVariables } from './free.ts'
import { type Inspection, openInspection } from './inspector.ts'
import { isNameHelper, NAME_HELPER } from './name-helper.ts'
import { type FunctionOutline, Unread } from './outline.ts'
import { positionOf } from './position.ts'
import { type FunctionPlace, importedFiles, isPartOfNode, type ScriptStore } from './script.ts'
import { type Origin, opaque, type ShapeHost, Shaper } from './shape.ts'

/**
 * From a live function to the plain description of it and of everything that it reaches: free variables, helper
 * functions (each with its own), namespaces, tables. Synchronous, on the thread of the function.
 */
export interface CaptureOptions {
  /** Values of the kernel's free variables that the user gives; nothing is looked up for these. */
  readonly captures?: Readonly<Record<string, unknown>>
  /** URLs of files that probably hold the function (the file that called offload): saves asking the debugger domain. */
  readonly near?: readonly string[]
  readonly limit?: number
}

/** The live side of a graph: what its indices and names stand for. */
export interface CaptureRefs {
  /** functions[i] is the value that `{ k: 'function', index: i }` stands for. */
  readonly functions: readonly object[]
  /** By function and name of the free variable; `global`: read globalThis[name] again at each call. */
  readonly free: readonly ReadonlyMap<string, CapturedValue>[]
}

export interface CapturedValue {
  readonly value: unknown
  readonly global?: true
}

export interface Capture {
  readonly graph: SourceGraph
  readonly values: CaptureRefs
  /** Property names that the program text mentions. */
  readonly names: ReadonlySet<string>
  /** Where a function of the graph stands in its script; may take 15 ms the first time. */
  readonly placeOf: (index: number) => FunctionPlace | undefined
  /**
   * The graph and the profile of one call; they are numbered together, so that aliasing with captured values shows.
   * @throws Unread
   */
  readonly describeCall: (args: readonly unknown[], thisValue?: unknown) => CallDescription
}

export interface CallDescription {
  readonly graph: SourceGraph
  readonly profile: Profile
}

const HELPER_LIMIT = 300

/**
 * @throws Miss where the function itself cannot be read; what it reaches becomes opaque instead
 * @throws Unread where a text has not been read yet
 */
export function capture(fn: object, scripts: ScriptStore, options: CaptureOptions = {}): Capture {
  const program = new CapturedProgram(scripts, options)
  return program.inspecting(() => {
    program.addKernel(fn)
    const { graph } = program.describe([], undefined)
    return {
      graph,
      values: program,
      names: program.names,
      placeOf: index => program.inspecting(() => program.placeOf(index)),
      describeCall: (args, thisValue) => program.inspecting(() => program.describe(args, thisValue)),
    }
  })
}

interface Entry {
  readonly text: string
  readonly outline: FunctionOutline
  readonly free: readonly FreeVariable[]
  readonly place: FunctionPlace | undefined
}

class CapturedProgram implements CaptureRefs, ShapeHost {
  readonly functions: object[] = []
  readonly free: Map<string, CapturedValue>[] = []
  readonly names = new Set<string>()
  readonly #entries: Entry[] = []
  readonly #shapeOf = new Map<object, ValueShape>()
  /** For values of free variables: the properties that are asked of them. */
  readonly #members = new Map<object, ReadonlySet<string> | 'all'>()
  readonly #scripts: ScriptStore
  readonly #options: CaptureOptions
  /** Texts of helper functions that nobody has read yet. */
  readonly #unread = new Set<string>()
  /** Counts what descriptions depend on. */
  #version = 0
  #inspection: Inspection | { readonly refused: string } | undefined

  constructor(scripts: ScriptStore, options: CaptureOptions) {
    this.#scripts = scripts
    this.#options = options
  }

  /** Holds one inspector session, opened when it is first needed, while `work` runs. */
  inspecting<T>(work: () => T): T {
    try {
      return work()
    } finally {
      if (this.#inspection && 'close' in this.#inspection) this.#inspection.close()
      this.#inspection = undefined
    }
  }

  #inspect(): Inspection | { readonly refused: string } {
    this.#inspection ??= openInspection()
    return this.#inspection
  }

  placeOf(index: number): FunctionPlace | undefined {
    const entry = this.#entries[index]
    const inspection = this.#inspect()
    if (!entry || entry.place || 'refused' in inspection) return entry?.place
    const { location } = inspection.look(originalOf(this.functions[index]!))
    return location && this.#scripts.placeOf(entry.text, location, inspection, this.#near(), true)
  }

  addKernel(fn: object): void {
    if (types.isProxy(fn)) throw new Miss('IRIS1009')
    this.#add(fn)
  }

  #add(fn: object): number {
    const index = this.functions.length
    const original = originalOf(fn)
    const text = Function.prototype.toString.call(original)
    const outline = this.#outlineOf(text)
    const given = index === 0 ? (this.#options.captures ?? {}) : {}
    const { inside, place } = this.#look(original, text, outline, given)
    if (isPartOfNode(place)) throw new Miss('IRIS2004', { name: nameOf(fn), reason: 'it is part of Node' })
    const free = freeVariables({ fn: original, outline, inside, place, given }, this.#scripts)
    this.#shapeOf.set(fn, { k: 'function', index }).set(original, { k: 'function', index })
    this.functions.push(fn)
    this.free.push(new Map(free.map(({ name, value, global }) => [name, global ? { value, global } : { value }])))
    this.#entries.push({ text, outline, free, place })
    for (const name of outline.members) this.names.add(name)
    for (const { value, members } of free) if (isObject(value)) this.#widen(value, members && new Set(members))
    this.#version++
    return index
  }

  #outlineOf(text: string): FunctionOutline {
    const outline = this.#scripts.texts.outline(text)
    if (!outline) throw new Unread([text])
    if (!outline.fn) throw Miss.of(outline.miss as Diagnostic)
    return outline.fn
  }

  /** The debugger domain is asked only where something depends on the script: a variable of the surroundings. */
  #look(
    fn: object,
    text: string,
    outline: FunctionOutline,
    given: Readonly<Record<string, unknown>>,
  ): Pick<FunctionSurroundings, 'inside' | 'place'> {
    const wanted = outline.free.map(({ name }) => name).filter(name => !Object.hasOwn(given, name))
    const inspection = this.#inspect()
    if ('refused' in inspection) return { inside: inspection, place: undefined }
    const inside = inspection.look(fn)
    const isLocal = (name: string): boolean =>
      inside.scopes.some(scope => scope.kind !== 'Global' && Object.hasOwn(scope.variables, name))
    const ask = wanted.some(name => isLocal(name) || isOwnNameOfGlobal(fn, name))
    const place = inside.location && this.#scripts.placeOf(text, inside.location, inspection, this.#near(), ask)
    return { inside, place }
  }

  /** Files to try: what the user's call names, the main script, and what the known scripts import. */
  #near(): string[] {
    const known = this.#entries.flatMap(({ place }) =>
      place ? [place.script.url, ...importedFiles(place.script)] : [],
    )
    return [...new Set([...(this.#options.near ?? []), ...known])]
  }

  /** Describes everything anew; repeated while descriptions reveal functions that mention further names. */
  describe(args: readonly unknown[], thisValue: unknown): CallDescription {
    for (;;) {
      const before = this.#version
      const shaper = new Shaper(this, this.names)
      const functions: SourceFunction[] = []
      const profile: Profile = {
        args: args.map(value => shaper.describe(value)),
        ...this.#thisShape(thisValue, shaper),
        count: args.length,
      }
      for (let index = 0; index < this.#entries.length; index++) functions.push(this.#describeFunction(index, shaper))
      shaper.settle()
      this.#stopForUnread()
      if (this.#version === before) return { graph: { functions }, profile }
    }
  }

  /** All that is missing at this depth is asked for at once. */
  #stopForUnread(): void {
    const texts = [...this.#unread]
    this.#unread.clear()
    if (texts.length > 0) throw new Unread(texts)
  }

  namesFor(object: object, from: Origin): ReadonlySet<string> | undefined {
    const names = this.#members.get(object)
    if (names === undefined || names === 'all') return undefined
    if (from === 'variable') return names
    this.#widen(object, undefined)
    return undefined
  }

  /** One object has one description, whatever names it is reached by: so what is asked of it is put together. */
  #widen(object: object, members: ReadonlySet<string> | undefined): void {
    const known = this.#members.get(object)
    if (known === 'all') return
    if (!members) this.#members.set(object, 'all')
    else this.#members.set(object, new Set([...(known ?? []), ...members]))
    this.#version++
  }

  /** A method reads more of its object than the kernel mentions; names are bounded for variables only. */
  foundMethod(owner: object, fn: object): void {
    const shape = this.#members.has(owner) ? this.#shapeOf.get(fn) : undefined
    const outline = shape?.k === 'function' ? this.#entries[shape.index]!.outline : undefined
    if (outline?.usesThis && !outline.isArrow) this.#widen(owner, undefined)
  }

  #thisShape(thisValue: unknown, shaper: Shaper): Pick<Profile, 'thisValue'> {
    const { usesThis, isArrow } = this.#entries[0]!.outline
    if (!usesThis) return {}
    if (isArrow) return { thisValue: opaque('the `this` around an arrow function') }
    return { thisValue: isObject(thisValue) ? shaper.describe(thisValue) : opaque('`this`, which is no object') }
  }

  #describeFunction(index: number, shaper: Shaper): SourceFunction {
    const { text, outline, free, place } = this.#entries[index]!
    const shapes = free.map((variable): [string, ValueShape] => [variable.name, this.#describeFree(variable, shaper)])
    const position = place && positionOf(place)
    return {
      name: outline.name ?? nameOf(this.functions[index]!),
      text,
      ...position,
      free: Object.fromEntries(shapes),
    }
  }

  #describeFree({ value, refused, self }: FreeVariable, shaper: Shaper): ValueShape {
    if (refused) return opaque(refused.reason, refused.code)
    if (self) return this.#shapeOf.get(value as object) ?? opaque('the function itself')
    return shaper.describe(value, 'variable')
  }

  functionShape(fn: object): ValueShape {
    const known = this.#shapeOf.get(fn)
    if (known) return known
    const shape = this.#newFunctionShape(fn)
    if (shape) this.#shapeOf.set(fn, shape)
    return shape ?? opaque('a function that is being read')
  }

  /** Undefined while its text is unread. */
  #newFunctionShape(fn: object): ValueShape | undefined {
    const { limit = HELPER_LIMIT } = this.#options
    if (isNameHelper(fn)) return { k: 'builtin', name: NAME_HELPER }
    if (this.functions.length > limit) return opaque(`one of more than ${limit} helper functions`, 'IRIS1010')
    try {
      const index = this.#add(fn)
      const { usesThis, isArrow } = this.#entries[index]!.outline
      if (usesThis && isArrow) return opaque('an arrow function that uses the `this` around it', 'IRIS2004')
      return { k: 'function', index }
    } catch (error) {
      if (error instanceof Miss) return opaque(error.diagnostic.message, error.diagnostic.code)
      if (!(error instanceof Unread) || error.needsParser) throw error
      for (const text of error.functions) this.#unread.add(text)
      return undefined
    }
  }

  accessorValue(getter: object): { readonly value: unknown } | undefined {
    const inspection = this.#inspect()
    return 'look' in inspection ? accessorValue(getter, inspection) : undefined
  }
}

/** `function isNaN(x) { isNaN(x) }`: a reference to itself or to the global, which the script tells. */
const isOwnNameOfGlobal = (fn: object, name: string): boolean => nameOf(fn) === name && Object.hasOwn(globalThis, name)

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** A function's `name` property may be anything, an accessor too. */
function nameOf(fn: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value
  return typeof name === 'string' ? name : ''
}

import { types } from 'node:util'
import type { ValueShape } from '../../compiler/abi.ts'
import { type Capture, type CaptureOptions, capture } from '../../compiler/source/capture.ts'
import { openInspection } from '../../compiler/source/inspector.ts'
import type { TextReader } from '../../compiler/source/outline.ts'
import { positionIn } from '../../compiler/source/position.ts'
import { type FunctionPlace, ScriptStore } from '../../compiler/source/script.ts'
import { isPristineView } from '../../compiler/source/shape.ts'
import type { Captured } from './access.ts'
import type { CallShape, FrontEnd, KernelSource } from './front-end.ts'
import type { AnyFunction } from './wrapper.ts'

/** The front end: what compiler/source reads of functions and calls, in the terms of this folder. */
export function createFrontEnd(texts: TextReader): FrontEnd {
  const scripts = new ScriptStore(texts)
  return {
    read: (fn, captures, near) => read(fn, scripts, { near, ...(captures && { captures }) }),
    locate: (fn, range, near) => positionIn(Function.prototype.toString.call(fn), range, placeOf(fn, scripts, near)),
  }
}

/** The place of a function of which nothing but the text is known. */
function placeOf(fn: AnyFunction, scripts: ScriptStore, near: readonly string[]): FunctionPlace | undefined {
  const inspection = types.isProxy(fn) ? { refused: 'a Proxy' } : openInspection()
  if ('refused' in inspection) return undefined
  try {
    const { location } = inspection.look(fn)
    return location && scripts.placeOf(Function.prototype.toString.call(fn), location, inspection, near, true)
  } finally {
    inspection.close()
  }
}

function read(fn: AnyFunction, scripts: ScriptStore, options: CaptureOptions): KernelSource {
  const captured = capture(fn, scripts, options)
  const { graph } = captured
  return {
    graph,
    captured: capturedOf(captured),
    describe: (self, values) => describe(captured, self, values),
    locate: (index, range) => positionIn(graph.functions[index]?.text ?? '', range, captured.placeOf(index)),
    variable: () => variableBefore(captured),
  }
}

function capturedOf({ values, names }: Capture): Captured {
  return {
    func: index => values.functions[index],
    isPristine: view => isPristineView(view, names),
    free: (func, name) => {
      const found = values.free[func]?.get(name)
      return found?.global ? Reflect.get(globalThis, name) : found?.value
    },
  }
}

function describe(capture: Capture, self: unknown, values: readonly unknown[]): CallShape {
  const { graph, profile } = capture.describeCall(values, self)
  return { graph, profile: { ...profile, args: profile.args.map(withoutValue) } }
}

/** A number given as an argument may be another one next time. */
function withoutValue(shape: ValueShape): ValueShape {
  return shape.k === 'number' || shape.k === 'boolean' ? { k: shape.k } : shape
}

/** `const wave = offload(`, `wave: offload(`, `this.wave = (0, iris.offload)(` */
const ASSIGNED = /([\w$]+)\s*(?::[^=;{}]*)?[=:]\s*(?:\/\*[^*]*\*\/\s*)?[\w$.,()\s]{0,40}?(?:<[^;]*>)?\(\s*$/

function variableBefore(capture: Capture): string | undefined {
  const place = capture.placeOf(0)
  if (!place) return undefined
  return ASSIGNED.exec(place.script.text.slice(Math.max(0, place.offset - 200), place.offset))?.[1]
}

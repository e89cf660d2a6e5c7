import type { ValueShape } from '../../compiler/abi.ts'
import { type Capture, captureGraph } from '../../compiler/source/capture.ts'
import { positionIn } from '../../compiler/source/position.ts'
import { isPristineView } from '../../compiler/source/shape.ts'
import type { Captured } from './access.ts'
import type { CallShape, FrontEnd, KernelSource, Place } from './front-end.ts'
import { takesOnlyScalars } from './scalar-parameters.ts'
import type { AnyFunction } from './wrapper.ts'

/** The front end: what compiler/source reads of functions and calls, in the terms of this folder. */
export const reader: FrontEnd = { read, isScalar, describe, locate }

const captures = new WeakMap<KernelSource, Capture>()

function read(
  fn: AnyFunction,
  given: Readonly<Record<string, unknown>> | undefined,
  near: readonly string[],
): KernelSource {
  const capture = captureGraph(fn, { near, ...(given && { captures: given }) })
  const source: KernelSource = { graph: capture.graph, captured: capturedOf(capture) }
  captures.set(source, capture)
  return source
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

function isScalar(fn: AnyFunction): boolean {
  return takesOnlyScalars(Function.prototype.toString.call(fn))
}

function locate(
  source: KernelSource | undefined,
  index: number,
  text: string,
  range: { readonly start: number; readonly end: number },
): Place {
  return positionIn(text, range, source && captures.get(source)?.placeOf(index))
}

function describe(source: KernelSource, self: unknown, values: readonly unknown[]): CallShape {
  const { graph, profile } = captures.get(source)!.describeCall(values, self)
  return { graph, profile: { ...profile, args: profile.args.map(withoutValue) } }
}

/** A number given as an argument may be another one next time. */
function withoutValue(shape: ValueShape): ValueShape {
  return shape.k === 'number' || shape.k === 'boolean' ? { k: shape.k } : shape
}

import type { CompiledKernel, CompileRequest } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { Machine, reference, same } from '../conformance/machine.ts'
import { loopProgram } from '../conformance/simd-programs.ts'
import { SHAPES } from '../conformance/simd-shapes.ts'
import { EDGES } from '../conformance/simd-shapes-edges.ts'
import { KEPT } from '../conformance/simd-shapes-kept.ts'
import { RARE } from '../conformance/simd-shapes-rare.ts'
import { RUNNING } from '../conformance/simd-shapes-running.ts'
import { SEARCHES } from '../conformance/simd-shapes-search.ts'
import { OPTIONS, requestFor } from '../program/support.ts'
import type { Hunted } from './hunt.ts'

/** The loops of the conformance tests, then random ones, in vector code: until one differs from JavaScript. */
interface Loop {
  readonly fn: (...args: never[]) => unknown
  readonly args: (n: number) => readonly unknown[]
  readonly request: CompileRequest
  readonly machine: Machine
}

const LENGTHS = [0, 1, 3, 7, 8, 9, 15, 16, 17, 19, 24, 31, 33, 40, 64, 70]
const SEED = 11

function shapeLoops(): readonly (() => Loop)[] {
  return [...EDGES, ...RUNNING, ...RARE, ...KEPT, ...SHAPES, ...SEARCHES].map(({ fn, args }) => () => {
    const capture = captureGraph(fn)
    const request: CompileRequest = { ...capture.describeCall(args(20)), options: { ...OPTIONS, tier: 'simd' } }
    return { fn, args, request, machine: new Machine(capture.values) }
  })
}

function randomLoop(seed: number): Loop {
  const { fn, args } = loopProgram(seed)
  const request = requestFor(fn, args(20), {}, { tier: 'simd' })
  return { fn, args, request, machine: new Machine({ functions: [fn], free: [new Map()] }) }
}

export async function hunt(limit: number): Promise<Hunted> {
  const shapes = shapeLoops()
  for (let programs = 1; programs <= limit; programs++) {
    try {
      const shape = shapes[programs - 1]
      const loop = shape ? shape() : randomLoop(SEED * 1_000_003 + programs)
      if (await differs(loop)) return { caught: 'a different outcome', tier: 'vectors', programs }
    } catch {
      return { caught: 'an exception', tier: 'vectors', programs }
    }
  }
  return { programs: limit }
}

async function differs({ fn, args, request, machine }: Loop): Promise<boolean> {
  const answer = await compile(request, { verify: true })
  if (!answer.ok) return false
  const run = machine.wasm(answer as CompiledKernel)
  return LENGTHS.some(n => {
    const found = machine.attempt(answer.plan, run, args(n))
    return !('declined' in found) && !same(found, reference(fn, args(n)))
  })
}

import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import type { SourceGraph, ValueShape } from '../../compiler/abi.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { readSource } from '../../compiler/source/parse.ts'
import { walk } from '../../compiler/source/walk.ts'

/**
 * Functions that tools have transformed: each output of test/fixtures/source/generate.mjs is run, and its functions
 * are captured as a user's would be. What the program means must come out as for the untransformed source.
 */
const names = ['polynomial', 'wave', 'pick', 'weighted', 'factorial', 'spread', 'flag', 'power'] as const
type Kernels = Readonly<Record<(typeof names)[number], object> & { methods: { norm: object } }>
const output = new URL('../fixtures/source/output/', import.meta.url)
const load = createRequire(import.meta.url)

/** Outputs are loaded by Node itself (require() takes modules, too); those that are modules also through vitest. */
async function modules(): Promise<[tool: string, kernels: Kernels][]> {
  const tools = readdirSync(output, { withFileTypes: true }).filter(entry => entry.isDirectory())
  const loaded = tools.map(async ({ name }): Promise<[string, Kernels][]> => {
    const [commonjs, module] = [new URL(`${name}/kernels.cjs`, output), new URL(`${name}/kernels.mjs`, output)]
    if (existsSync(commonjs)) return [[name, load(commonjs.pathname) as Kernels]]
    const twice = (await import(/* @vite-ignore */ module.href)) as Kernels
    return [
      [name, load(module.pathname) as Kernels],
      [`${name}, then vitest`, twice],
    ]
  })
  const live = (await import(
    /* @vite-ignore */ new URL('../fixtures/source/input/kernels.ts', import.meta.url).href
  )) as Kernels
  return [['vitest', live], ...(await Promise.all(loaded)).flat()]
}

function opaqueIn(shape: ValueShape, path: string): string[] {
  if (shape.k === 'opaque') return [`${path}: ${shape.what}`]
  if (shape.k !== 'object') return []
  return Object.entries(shape.fields).flatMap(([name, field]) => opaqueIn(field, `${path}.${name}`))
}

const opaque = ({ functions }: SourceGraph): string[] =>
  functions.flatMap((fn, index) =>
    Object.entries(fn.free).flatMap(([name, shape]) => opaqueIn(shape, `${index}:${name}`)),
  )

/** Names of calls and assignments that belong to tools. */
function noise({ functions }: SourceGraph): string[] {
  const found: string[] = []
  for (const [index, fn] of functions.entries()) {
    walk(readSource(fn, index), node => {
      if (node.type === 'Identifier' && /^(__name|cov_|_sliced|_typeof|_type_of)/.test(node.name)) found.push(node.name)
      if (node.type === 'SequenceExpression' && node.expressions.some(item => item.type === 'Literal'))
        found.push('sequence')
      return undefined
    })
  }
  return found
}

const numbers = (graph: SourceGraph): number[] =>
  graph.functions.flatMap(({ free }) =>
    Object.values(free).flatMap(shape => (shape.k === 'number' && shape.value !== undefined ? [shape.value] : [])),
  )

const all = await modules()

describe.each(all)('%s', (tool, kernels) => {
  const graph = (name: (typeof names)[number]): SourceGraph => captureGraph(kernels[name]).graph

  it.each(names)('%s: everything that it reaches is found', name => {
    expect(opaque(graph(name))).toEqual([])
  })

  it.each(names)('%s: nothing of the tool is left', name => {
    expect(noise(graph(name))).toEqual([])
  })

  it('a method shorthand has no free variables but built-ins', () => {
    const { functions } = captureGraph(kernels.methods.norm).graph
    expect(functions).toHaveLength(1)
    expect(Object.values(functions[0]!.free).every(shape => shape.k === 'builtin')).toBe(true)
  })

  it('a function that calls itself is one function', () => {
    expect(graph('factorial').functions).toHaveLength(1)
  })

  it('an alias of a built-in is the built-in', () => {
    const shapes = graph('flag').functions.flatMap(fn => Object.values(fn.free))
    expect(JSON.stringify(shapes)).toContain('"name":"Math')
  })

  it('helpers have their own variables', () => {
    const wave = graph('wave')
    const inlined = /^(terser|webpack-production|esbuild-bundle|esbuild-minify)/.test(tool)
    if (!inlined) expect(wave.functions.length).toBeGreaterThan(1)
    if (!inlined) expect(numbers(wave)).toContain(3)
  })
})

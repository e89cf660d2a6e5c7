import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, type SourceFile, sources } from './sources.ts'

/** Layers from the bottom up: a file imports only from its own layer and from those named here. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  compiler: ['base'],
  'runtime/exec': ['base', 'compiler'],
  'runtime/actor': ['base'],
  'runtime/mesh': ['base', 'runtime/actor'],
  src: ['base', 'compiler', 'runtime/exec', 'runtime/actor', 'runtime/mesh'],
}

/** Heavy or replaceable dependencies, each with the files that may import it. */
const IMPORTERS: Readonly<Record<string, RegExp>> = {
  binaryen: /^compiler\/target\/emit[\w-]*\.ts$/,
  acorn: /^compiler\/source\/parse\.ts$/,
  '@sveltejs/acorn-typescript': /^compiler\/source\/parse\.ts$/,
  piscina: /^runtime\/exec\/pool\/threads\.ts$/,
  commander: /^src\/cli\//,
  'node:inspector': /^compiler\/source\/inspector\.ts$/,
  'node:worker_threads': /^runtime\/|^src\//,
}

const layerOf = (path: string): string | undefined =>
  Object.keys(MAY_IMPORT).find(layer => path === layer || path.startsWith(`${layer}/`))

const files = sources()

describe('the direction of imports', () => {
  it('knows the layer of every file', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(files.filter(file => layerOf(file.path) === undefined).map(file => file.path)).toEqual([])
  })

  it('flows one way: base, compiler, runtime, src', () => {
    const wrong = files.flatMap(file => {
      const layer = layerOf(file.path) ?? ''
      const allowed = [layer, ...(MAY_IMPORT[layer] ?? [])]
      return file.imports
        .filter(({ file: target }) => target !== undefined && !allowed.includes(layerOf(target) ?? ''))
        .map(({ specifier }) => `${file.path} imports ${specifier}`)
    })
    expect(wrong).toEqual([])
  })

  it('names files that exist, with their extension', () => {
    const missing = files.flatMap(file =>
      file.imports
        .filter(({ file: target }) => target !== undefined && !existsSync(join(root, target)))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    )
    expect(missing).toEqual([])
  })

  it('has no cycles among imports of values', () => {
    expect(cycles(files)).toEqual([])
  })
})

describe('heavy dependencies', () => {
  for (const [name, where] of Object.entries(IMPORTERS)) {
    it(`${name} is imported only where ${where}`, () => {
      const importers = files.filter(file =>
        file.imports.some(
          ({ specifier, typeOnly }) => !typeOnly && (specifier === name || specifier.startsWith(`${name}/`)),
        ),
      )
      expect(importers.map(file => file.path).filter(path => !where.test(path))).toEqual([])
    })
  }
})

describe('what is loaded on the thread of the caller', () => {
  it.each([
    ['the package', 'src/index.ts'],
    ['the front end', 'runtime/exec/reader.ts'],
    ['a compiled call', 'runtime/exec/variant-call.ts'],
  ])('%s: no parser and no compiler', (_what, path) => {
    const loaded = loadedWith(path)
    expect(loaded.length).toBeGreaterThan(3)
    expect(loaded.filter(each => /^compiler\/(source\/parse\.ts|program|passes|vector|target)/.test(each))).toEqual([])
  })
})

/** A file and everything that it imports, not counting what it imports later. */
function loadedWith(path: string): string[] {
  const byPath = new Map(files.map(file => [file.path, file]))
  const found = new Set([path])
  for (const each of found) {
    for (const { file, typeOnly, dynamic } of byPath.get(each)?.imports ?? [])
      if (file !== undefined && !typeOnly && !dynamic) found.add(file)
  }
  return [...found]
}

/** Strongly connected components with more than one file (Tarjan, "Depth-first search and linear graph algorithms"). */
function cycles(all: readonly SourceFile[]): string[][] {
  const byPath = new Map(all.map(file => [file.path, file]))
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (path: string): void => {
    index.set(path, index.size)
    low.set(path, index.get(path) ?? 0)
    stack.push(path)
    for (const { file: target, typeOnly } of byPath.get(path)?.imports ?? []) {
      if (typeOnly || target === undefined || !byPath.has(target)) continue
      if (!index.has(target)) visit(target)
      if (stack.includes(target)) low.set(path, Math.min(low.get(path) ?? 0, low.get(target) ?? 0))
    }
    if (low.get(path) !== index.get(path)) return
    const component = stack.splice(stack.indexOf(path))
    if (component.length > 1) found.push(component.sort())
  }
  for (const { path } of all) if (!index.has(path)) visit(path)
  return found
}

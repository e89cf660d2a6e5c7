import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Miss } from '../../base/diagnostic.ts'
import type { FunctionNode, Identifier } from '../../compiler/source/ast.ts'
import { parseFunction, readFunction } from '../../compiler/source/parse.ts'
import { type Binding, resolveScopes } from '../../compiler/source/scope.ts'
import { children, isNode, walk } from '../../compiler/source/walk.ts'
import { declaringScope } from './naive-scope.ts'
import { functions, printFunction, type Tree } from './programs.ts'

const RUNS = { numRuns: 400 }
const MANY_RUNS = { numRuns: 4000 }

/** Random names clash (`let l; let l`, `var l; let l`): such texts are no programs. */
function parseOrSkip(text: string): FunctionNode {
  try {
    return parseFunction(text, 0)
  } catch (error) {
    fc.pre(
      !(
        error instanceof Miss &&
        /already been declared|Assigning to|nested too deeply|Argument name clash/.test(error.message)
      ),
    )
    throw error
  }
}

/** A tree without positions and the parser's extras. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare)
  if (!isNode(node)) return Object.is(node, -0) ? 0 : node
  const entries = Object.entries(node).filter(
    ([key]) => !['start', 'end', 'raw', 'loc', 'regex', 'directive'].includes(key),
  )
  return Object.fromEntries(entries.map(([key, value]) => [key, bare(value)]))
}

describe('printed programs', () => {
  it('are read back as the same tree', () => {
    fc.assert(
      fc.property(functions, (tree: Tree) => {
        expect(bare(parseOrSkip(printFunction(tree)))).toEqual(bare(tree))
      }),
      RUNS,
    )
  })

  it('are read back the same as methods and as class members', () => {
    fc.assert(
      fc.property(
        functions,
        fc.constantFrom('m', '"a b"', '12', '[x + 1]', '#m', 'static m', 'async', 'get'),
        (tree, name) => {
          fc.pre(tree.type === 'FunctionExpression')
          const text = printFunction({ ...tree, id: null }).replace(/^function\s*/, name)
          expect(bare(parseOrSkip(text))).toEqual(bare({ ...tree, id: null }))
        },
      ),
      RUNS,
    )
  })

  it('have offsets of the given text', () => {
    fc.assert(
      fc.property(functions, fc.boolean(), (tree, asMethod) => {
        const text =
          asMethod && tree.type === 'FunctionExpression'
            ? printFunction({ ...tree, id: null }).replace(/^function\s*/, 'm')
            : printFunction(tree)
        walk(parseOrSkip(text), node => {
          if (node.type === 'Identifier') expect(text.slice(node.start, node.end)).toBe(node.name)
          for (const child of children(node)) expect(child.start >= node.start && child.end <= node.end).toBe(true)
          return undefined
        })
      }),
      RUNS,
    )
  })

  it('mean the same with coverage counters and with (0, f)(x)', () => {
    fc.assert(
      fc.property(functions, tree => {
        const text = printFunction(tree)
        parseOrSkip(text)
        const counted = text
          .replaceAll('{ (', '{ cov_1x().s[3]++; (')
          .replaceAll('{ return', '{ cov_1x().b[0][1]++; return')
          .replaceAll(/(?<!function )\b([abc])\(/g, '(cov_1x().f[0]++, (0, $1))(')
        expect(bare(readFunction(counted, 0))).toEqual(bare(readFunction(text, 0)))
      }),
      RUNS,
    )
  })
})

describe('scopes', () => {
  /** Which identifiers share a variable, as classes of offsets. */
  function classes(keyOf: (id: Identifier) => unknown, ids: readonly Identifier[]): string[] {
    const groups = new Map<unknown, number[]>()
    for (const id of ids) groups.set(keyOf(id), [...(groups.get(keyOf(id)) ?? []), id.start])
    return [...groups.values()].map(group => group.join(' ')).sort()
  }

  it('agree with the naive model', () => {
    fc.assert(
      fc.property(functions, tree => {
        const fn = parseOrSkip(printFunction(tree))
        const { bindingOf, free } = resolveOrSkip(fn)
        const ids = [...bindingOf.keys()]
        const model = new Map(ids.map(id => [id, declaringScope(fn, id)]))
        expect(classes(id => bindingOf.get(id), ids)).toEqual(classes(id => `${model.get(id)} ${id.name}`, ids))
        const freeInModel = new Set(ids.filter(id => !model.get(id)).map(id => id.name))
        expect(new Set(free.keys())).toEqual(freeInModel)
      }),
      MANY_RUNS,
    )
  })

  it('count every write', () => {
    fc.assert(
      fc.property(functions, tree => {
        const fn = parseOrSkip(printFunction(tree))
        const { bindingOf } = resolveOrSkip(fn)
        const written = new Set<Binding>()
        walk(fn, node => {
          const target =
            node.type === 'AssignmentExpression'
              ? node.left
              : node.type === 'UpdateExpression'
                ? node.argument
                : undefined
          if (target?.type === 'Identifier') written.add(bindingOf.get(target)!)
          return undefined
        })
        for (const binding of new Set(bindingOf.values()))
          if (written.has(binding)) expect(binding.assignments).toBeGreaterThan(0)
      }),
      MANY_RUNS,
    )
  })

  function resolveOrSkip(fn: FunctionNode): ReturnType<typeof resolveScopes> {
    try {
      return resolveScopes(fn)
    } catch (error) {
      fc.pre(!(error instanceof Miss && error.diagnostic.code === 'IRIS2001'))
      throw error
    }
  }
})

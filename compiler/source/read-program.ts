import type { Identifier } from './ast.ts'
import { parseProgram } from './parse.ts'
import { type Binding, resolveProgram } from './scope.ts'
import type { ScriptProgram } from './script.ts'

export const PROGRAM_LIMIT = 4 * 1024 * 1024

/** A whole script with its variables; undefined when it does not parse or is too large. */
export function readProgram(text: string): ScriptProgram | undefined {
  const tree = text.length > PROGRAM_LIMIT ? undefined : parseProgram(text)
  if (!tree) return undefined
  const { bindingOf, unsure } = resolveProgram(tree)
  const bindingAt = new Map<number, Binding>()
  for (const [id, binding] of bindingOf as ReadonlyMap<Identifier, Binding>) bindingAt.set(id.start, binding)
  const isModule = tree.body.some(statement => /^(Import|Export)/.test(statement.type))
  return { tree, isModule, unsure, bindingAt }
}

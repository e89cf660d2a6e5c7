import type { AnyNode, Identifier, ModuleDeclaration, Program, Statement } from './ast.ts'
import type { Binding } from './scope.ts'
import { boundNames } from './scope-declare.ts'
import type { Script, ScriptProgram, ScriptStore } from './script.ts'
import { isWrittenOnlyBefore } from './write-order.ts'

/**
 * Whether a variable keeps the value that it has now: only then may the value be compiled in. This is read from the
 * script around the function.
 */
export type Verdict = 'settled' | { readonly code: 'IRIS1007' | 'IRIS1008'; readonly reason: string }

const REASSIGNED: Verdict = { code: 'IRIS1008', reason: 'it is reassigned' }
const unproven = (reason: string): Verdict => ({ code: 'IRIS1007', reason })

export interface Question {
  readonly name: string
  /** The value at this moment. */
  readonly value: unknown
  /** Offset in the script of a mention of the variable. */
  readonly at: number
  /** A `let`, `const` or class at the top of a classic script: every other script sees it, too. */
  readonly isShared: boolean
}

export function verdictOn(question: Question, script: Script, store: ScriptStore): Verdict {
  if (question.value !== undefined && !question.isShared && isPlainlySettled(question.name, script, store))
    return 'settled'
  const program = store.program(script)
  if (!program)
    return unproven(
      'the script around the function is too large or does not parse, so nothing proves that it is never reassigned',
    )
  const binding = program.bindingAt.get(question.at)
  if (!binding) return unproven('its declaration was not found')
  if (binding.kind === 'free' && !isOfModuleWrapper(binding, program, script))
    return unproven('it is declared outside of the script, where it may be reassigned')
  if (question.isShared && binding.kind !== 'const') return unproven('other scripts may reassign it')
  return verdictOnBinding(binding, question, program, script, store)
}

const WRAPPER_PARAMETERS = new Set(['exports', 'require', 'module', '__filename', '__dirname'])

/** The parameters of the function that Node puts around a CommonJS module: nobody but the module can write them. */
const isOfModuleWrapper = ({ name }: Binding, { isModule }: ScriptProgram, { url }: Script): boolean =>
  !isModule && url.startsWith('file:') && WRAPPER_PARAMETERS.has(name)

function verdictOnBinding(
  binding: Binding,
  { value, at }: Pick<Question, 'value' | 'at'>,
  program: ScriptProgram,
  script: Script,
  store: ScriptStore,
): Verdict {
  const imported = importOf(binding, program.tree)
  if (imported) return value === undefined ? notYet : verdictOnExport(imported, script, store, new Set())
  if (program.unsure && binding.kind !== 'const') return unproven('`eval` or `with` in the script may reassign it')
  if (isWrittenOnlyBefore(binding, at, program)) return 'settled'
  if (binding.rewrites > 0) return REASSIGNED
  return value === undefined && !staysUndefined(binding) ? notYet : 'settled'
}

const notYet = unproven('it is undefined now and may get its value later')

/** Uninitialised variables read as undefined, so undefined is final only where nothing gives a value later. */
function staysUndefined(binding: Binding): boolean {
  return (
    binding.kind === 'param' ||
    binding.kind === 'catch' ||
    (!binding.initialised && binding.assignments === 0 && binding.kind !== 'const')
  )
}

interface Imported {
  readonly specifier: string
  /** '*' for the namespace itself */
  readonly name: string
}

function importOf(binding: Binding, tree: Program): Imported | undefined {
  const specifier = binding.declaration
  if (!specifier || !/^Import\w*Specifier$/.test(specifier.type)) return undefined
  for (const statement of tree.body) {
    if (statement.type !== 'ImportDeclaration' || !statement.specifiers.some(s => s === specifier)) continue
    return { specifier: String(statement.source.value), name: importedName(specifier) }
  }
  return undefined
}

function importedName(specifier: AnyNode): string {
  if (specifier.type === 'ImportSpecifier') return exportedName(specifier.imported)
  return specifier.type === 'ImportDefaultSpecifier' ? 'default' : '*'
}

const exportedName = (node: AnyNode): string =>
  node.type === 'Identifier' ? node.name : node.type === 'Literal' ? String(node.value) : ''

/** Namespace objects never change; their fields are read again at each call. CommonJS exports are copied once. */
function verdictOnExport({ specifier, name }: Imported, from: Script, store: ScriptStore, seen: Set<string>): Verdict {
  const scripts = name === '*' ? undefined : store.imported(specifier, from)
  if (!scripts) return 'settled'
  if (seen.has(`${from.url} ${specifier} ${name}`)) return unproven('its module imports itself')
  seen.add(`${from.url} ${specifier} ${name}`)
  const [script] = scripts
  const program = script && store.program(script)
  if (!script || !program) return unproven(`the module ${JSON.stringify(specifier)} cannot be read`)
  if (!program.isModule) return 'settled'
  return (
    verdictOnExportOf(program, name, script, store, seen) ??
    unproven(`the module ${JSON.stringify(specifier)} has no export of that name`)
  )
}

function verdictOnExportOf(
  program: ScriptProgram,
  name: string,
  script: Script,
  store: ScriptStore,
  seen: Set<string>,
): Verdict | undefined {
  const stars: string[] = []
  for (const statement of program.tree.body) {
    if (statement.type === 'ExportAllDeclaration') {
      if (!statement.exported) stars.push(String(statement.source.value))
      else if (exportedName(statement.exported) === name) return 'settled'
    } else {
      const local = localOf(statement, name)
      if (local === 'value') return 'settled'
      if (local && 'specifier' in local) return verdictOnExport(local, script, store, seen)
      const binding = local && program.bindingAt.get(local.start)
      if (binding) return verdictOnBinding(binding, { value: null, at: -1 }, program, script, store)
    }
  }
  const answers = stars.map(specifier => verdictOnExport({ specifier, name }, script, store, seen))
  return answers.find(answer => answer === 'settled') ?? answers[0]
}

/** What a statement exports under a name: a variable, something of another module, or the value of an expression. */
function localOf(statement: Statement | ModuleDeclaration, name: string): Identifier | Imported | 'value' | undefined {
  if (statement.type === 'ExportDefaultDeclaration') {
    if (name !== 'default') return undefined
    const { declaration } = statement
    return 'id' in declaration && declaration.id && /Declaration$/.test(declaration.type) ? declaration.id : 'value'
  }
  if (statement.type !== 'ExportNamedDeclaration') return undefined
  const specifier = statement.specifiers.find(s => exportedName(s.exported) === name)
  if (specifier)
    return statement.source
      ? { specifier: String(statement.source.value), name: exportedName(specifier.local) }
      : (specifier.local as Identifier)
  const { declaration } = statement
  if (!declaration) return undefined
  if (declaration.type !== 'VariableDeclaration') return declaration.id.name === name ? declaration.id : undefined
  return declaration.declarations.flatMap(d => boundNames(d.id)).find(id => id.name === name)
}

const WRITE_AFTER = /^(=(?![=>])|\+\+|--|(?:[-+/%&|^]|\*\*?|<<|>>>?|&&|\|\||\?\?)=|(?:of|in)\b)/
const WRITE_BEFORE = /(\+\+|--)\s*$/
/** `k /* … *\/ = 1`: what follows a comment is not looked for. */
const COMMENT_AFTER = /^\/[/*]/
const COMMENT_BEFORE = /(?:\*\/|\/\/[^\n]*\n)\s*$/
/** `++(k)`, `[(k)] = …`: parentheses that are no arguments may stand around a target. */
const ALONE_BEFORE = /(?:^|[^\w$)\]\s])\s*\(\s*$/
const DECLARED_BEFORE = /\b(const|let|function|class)\s+$/
const LOOKAHEAD = 2000

/** Proof without parsing, for the usual cases: one declaration, or one import of a variable with one declaration. */
function isPlainlySettled(name: string, script: Script, store: ScriptStore): boolean {
  const imported = importClause(script.text, name)
  if (!imported) return isDeclaredOnceAndOnlyRead(script.text, name)
  if (!isOnlyRead(script.text, name, 0)) return false
  if (imported.name === '*') return true
  const [exporter] = store.imported(imported.specifier, script) ?? []
  const declaresIt = new RegExp(`^export\\s+(?:const|let|function|class)\\s+${escaped(imported.name)}(?![\\w$])`, 'm')
  return (
    exporter !== undefined && declaresIt.test(exporter.text) && isDeclaredOnceAndOnlyRead(exporter.text, imported.name)
  )
}

const NAMED_IMPORT = /\bimport\s*\{([^}'"]*)\}\s*from\s*(['"])([^'"\n]+)\2/g
const NAMESPACE_IMPORT = /\bimport\s*\*\s*as\s+([\w$]+)\s+from\s*(['"])([^'"\n]+)\2/g

/** The only import that binds a name. A match in a comment does no harm: then the name is a variable that is only read. */
function importClause(text: string, name: string): Imported | undefined {
  for (const [, local, , specifier] of text.matchAll(NAMESPACE_IMPORT))
    if (local === name) return { specifier: specifier!, name: '*' }
  for (const [, clause, , specifier] of text.matchAll(NAMED_IMPORT)) {
    for (const item of clause!.split(',')) {
      const [imported, local = imported] = item.trim().split(/\s+as\s+/)
      if (local === name) return { specifier: specifier!, name: imported! }
    }
  }
  return undefined
}

const escaped = (name: string): string => name.replaceAll('$', '\\$')

export function isDeclaredOnceAndOnlyRead(text: string, name: string): boolean {
  return !isInImport(text, name) && isOnlyRead(text, name, 1)
}

/**
 * Whether no mention of a name could be a write, but for its `declared` declarations. Comments, strings and regular
 * expressions are not told from code, so `false` means "parse", never "written".
 */
function isOnlyRead(text: string, name: string, declared: number): boolean {
  if (/\b(?:eval|with)\s*\(|\\u/.test(text)) return false
  const mention = new RegExp(`(?<![\\w$])${escaped(name)}(?![\\w$])`, 'g')
  let declarations = 0
  for (const { index } of text.matchAll(mention)) {
    const before = text.slice(Math.max(0, index - 40), index)
    const after = text.slice(index + name.length, index + name.length + LOOKAHEAD).trimStart()
    if (/[^.]\.$/.test(before)) continue // no white space: the full stop may end a comment
    if (DECLARED_BEFORE.test(before)) declarations++
    else if (ALONE_BEFORE.test(before) && after.startsWith(')')) return false
    else if (COMMENT_AFTER.test(after) || COMMENT_BEFORE.test(before)) return false
    else if (WRITE_AFTER.test(after) || WRITE_BEFORE.test(before) || mayBeTarget(after)) return false
  }
  return declarations === declared
}

/** Also default imports and clauses that the simple patterns do not read. */
function isInImport(text: string, name: string): boolean {
  for (const [clause] of text.matchAll(/\bimport\b[^;'"()]*\bfrom\b/g)) if (clause.includes(name)) return true
  return false
}

/** Whether a name before this text may stand in a destructuring pattern: a bracket closes around it and `=` follows. */
function mayBeTarget(after: string): boolean {
  if (!/^[,\])}=:]/.test(after)) return false
  let depth = 0
  for (let i = 0; i < after.length; i++) {
    const char = after[i]!
    if ('"\'`/'.includes(char)) return true
    if ('([{'.includes(char)) depth++
    else if (')]}'.includes(char) && depth > 0) depth--
    else if (')]}'.includes(char)) {
      if (WRITE_AFTER.test(after.slice(i + 1, i + 20).trimStart())) return true
      if (char === ')') return false
    } else if (char === ';' && depth === 0) return false
  }
  return after.length >= LOOKAHEAD - 100
}

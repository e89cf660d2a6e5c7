import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Import {
  /** as written */
  readonly specifier: string
  /** path from the root of the checkout; undefined for packages and node: modules */
  readonly file?: string
  readonly typeOnly: boolean
  /** import() */
  readonly dynamic: boolean
}

export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

export const PRODUCT = ['base', 'compiler', 'runtime', 'src'] as const

const STATIC = /^\s*(import|export)\s+(type\s+)?((?:[\w$*{},\s]|\btype\b)*?\bfrom\s+)?'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g

/** `import { type A, type B }` names types only, too. */
const namesTypesOnly = (clause: string): boolean => {
  const inner = /\{([^}]*)\}/.exec(clause)?.[1]
  if (inner === undefined || !/^\s*\{/.test(clause)) return false
  const names = inner.split(',').filter(name => name.trim() !== '')
  return names.length > 0 && names.every(name => /^\s*type\s/.test(name))
}

function importsOf(path: string, text: string): Import[] {
  const found = [
    ...[...text.matchAll(STATIC)].map(([, , type, clause, specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: type !== undefined || namesTypesOnly(clause ?? ''),
      dynamic: false,
    })),
    ...[...text.matchAll(DYNAMIC)].map(([, specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: false,
      dynamic: true,
    })),
  ]
  return found.map(each =>
    each.specifier.startsWith('.') ? { ...each, file: normalize(join(dirname(path), each.specifier)) } : each,
  )
}

/** Comments would otherwise count as code. */
export const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(^|[^:'"`])\/\/[^\n]*/g, '$1')

/** The TypeScript files of the product, or of the folders given. */
export function sources(folders: readonly string[] = PRODUCT): SourceFile[] {
  return folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.includes('node_modules'))
      .map(name => {
        const path = join(folder, name)
        const text = readFileSync(join(root, path), 'utf8')
        return { path, text, imports: importsOf(path, withoutComments(text)) }
      }),
  )
}

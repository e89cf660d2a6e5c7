import type { LocalId, Stmt } from './ir.ts'
import { type ExprMap, localRead, mapExpr, mapRootExprs, mapStmts, withLocalRead } from './rewrite.ts'

type Body = readonly Stmt[]

/** Renames every local of a body, read or set. */
export function renameLocals(body: Body, rename: (local: LocalId) => LocalId): Body {
  const expr: ExprMap = node => {
    const local = localRead(node)
    return local === undefined ? node : withLocalRead(node, rename(local))
  }
  return mapStmts(body, stmt =>
    renameInStmt(
      mapRootExprs(stmt, root => mapExpr(root, expr)),
      rename,
    ),
  )
}

function renameInStmt(stmt: Stmt, rename: (local: LocalId) => LocalId): Stmt {
  switch (stmt.kind) {
    case 'set':
    case 'for':
    case 'newarray':
    case 'newlist':
      return { ...stmt, local: rename(stmt.local) }
    case 'call':
    case 'primitive':
    case 'hostcall':
      return stmt.result === undefined ? stmt : { ...stmt, result: rename(stmt.result) }
    case 'store':
    case 'vstore':
    case 'fill':
      return { ...stmt, array: rename(stmt.array) }
    case 'copy':
      return { ...stmt, target: rename(stmt.target), source: rename(stmt.source) }
    case 'listset':
    case 'listpush':
    case 'listtruncate':
      return { ...stmt, list: rename(stmt.list) }
    default:
      return stmt
  }
}

/** Renames every label of a body. */
export function renameLabels(body: Body, rename: (label: string) => string): Body {
  return mapStmts(body, stmt => {
    switch (stmt.kind) {
      case 'block':
      case 'loop':
      case 'for':
      case 'break':
      case 'continue': {
        const label = rename(stmt.label)
        return label === stmt.label ? stmt : { ...stmt, label }
      }
      default:
        return stmt
    }
  })
}

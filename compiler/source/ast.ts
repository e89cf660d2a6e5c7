/** ESTree as acorn types it (every node has start and end). Type-only: parse.ts is the only importer of the parser. */
export type * from 'acorn'

import type { ArrowFunctionExpression, FunctionDeclaration, FunctionExpression } from 'acorn'

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression

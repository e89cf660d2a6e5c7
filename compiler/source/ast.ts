/** ESTree as acorn types it (every node has start and end). Type-only: parse.ts is the only importer of the parser. */
export type * from 'acorn'

import type { ArrowFunctionExpression, FunctionDeclaration, FunctionExpression } from 'acorn'

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression

declare module 'acorn' {
  interface CallExpression {
    /** Set by unwrap.ts for `(0, a.f)(x)`: the callee is `a.f`, yet `this` is undefined within. */
    detached?: true
  }
}

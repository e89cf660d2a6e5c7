import { Miss, type Span } from '../../base/diagnostic.ts'

/** Where the meaning of a name depends on what the text of the function does not show. */

/** Annex B.3.3 hoists such a function out of its block in sloppy code only. */
export function blockFunction(name: string, span: Span): Miss {
  return new Miss('IRIS2001', { what: `the function \`${name}\`, declared in a block and used outside of it,` }, span)
}

export function shadowed(name: string, span: Span): Miss {
  return new Miss(
    'IRIS2001',
    { what: `a variable \`${name}\` of the same name as a parameter that a default value mentions` },
    span,
  )
}

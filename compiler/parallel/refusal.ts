import type { Span } from '../../base/diagnostic.ts'

/** Why a loop is not shared among threads: thrown by the parts of the analysis, caught for each loop. */
export class NotParallel extends Error {
  readonly span: Span | undefined
  constructor(reason: string, span?: Span) {
    super(reason)
    this.span = span
  }
}

export function refuse(reason: string, span?: Span): never {
  throw new NotParallel(reason, span)
}

import type { Span } from '../../base/diagnostic.ts'

/** Why a loop stays scalar: a sentence for `explain()`. Thrown inside the vectoriser and caught by its driver only. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly span: Span | undefined
  constructor(reason: string, span?: Span) {
    super(reason)
    this.span = span
  }
}

export function refuse(reason: string, span?: Span): never {
  throw new Refusal(reason, span)
}

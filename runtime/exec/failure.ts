import type { Span } from '../../base/diagnostic.ts'
import { type Diagnostic, type DiagnosticArguments, type DiagnosticCode, diagnostic } from '../../base/diagnostic.ts'

/** The variant does not fit these arguments; nothing was touched. Another variant may fit. */
export const NOT_TAKEN = Symbol('not taken')
/** The variant began and gave up; every effect was undone. The original must run. */
export const ABANDONED = Symbol('abandoned')

/** Why a call did not run compiled; without a code the arguments were simply of another kind. */
export interface Failure {
  readonly code?: DiagnosticCode
  readonly values?: DiagnosticArguments
  readonly span?: Span
}

export const OTHER_KIND: Failure = {}

export const failureDiagnostic = (failure: Failure): Diagnostic | undefined =>
  failure.code && diagnostic(failure.code, failure.values, failure.span)

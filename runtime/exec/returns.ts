import { type Diagnostic, diagnostic } from '../../base/diagnostic.ts'
import type { Result } from '../../compiler/abi.ts'
import type { OffloadOptions } from './options.ts'

type Wanted = NonNullable<OffloadOptions['returns']>

/** What was inferred, in the words of the option; numbers without a proven integer range are f64. */
function inferred(result: Result): string {
  switch (result.kind) {
    case 'void':
      return 'void'
    case 'constant':
      return constantKind(result.value)
    case 'f64':
    case 'i32':
    case 'u32':
    case 'bool':
      return result.kind
    case 'slot':
      return result.as
    case 'typed':
      return `an array of ${result.elem}`
    case 'list':
    case 'tuple':
      return 'an array'
    case 'object':
    case 'record':
      return 'an object'
    default:
      return 'values of several kinds'
  }
}

function constantKind(value: unknown): string {
  if (value === undefined) return 'void'
  return typeof value === 'number' ? 'f64' : typeof value === 'boolean' ? 'bool' : String(value)
}

const NUMBERS: readonly string[] = ['f64', 'f32', 'i32', 'u32'] satisfies Wanted[]

/** The diagnostic when the option `returns` contradicts inference. An unproven number may be any kind of number. */
export function disagreement(wanted: Wanted | undefined, result: Result): Diagnostic | undefined {
  const found = inferred(result)
  if (wanted === undefined || wanted === found) return undefined
  const isPossible = NUMBERS.includes(wanted) && (found === 'f64' || wanted === 'f64') && NUMBERS.includes(found)
  return isPossible ? undefined : diagnostic('IRIS3003', { wanted, found })
}

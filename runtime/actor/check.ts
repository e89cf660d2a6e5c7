import { IrisError } from '../../base/diagnostic.ts'
import { describe } from './resolve.ts'

/** Throws IRIS5002 unless the option is a number within [least, most]; infinity only when `most` is. */
export function checkNumber(name: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  const reason = `${describe(value)} is not a number from ${least} to ${most}`
  throw new IrisError('IRIS5002', { name, reason, fix: `pass a number from ${least} to ${most}` })
}

export function checkInteger(name: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value)) return checkNumber(name, value, least, most)
  throw new IrisError('IRIS5002', { name, reason: `${describe(value)} is not an integer`, fix: 'pass an integer' })
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value === 'function') return
  throw new IrisError('IRIS5002', { name, reason: `${describe(value)} is not a function`, fix: 'pass a function' })
}

export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if ((allowed as readonly unknown[]).includes(value)) return value as T
  const list = allowed.join(', ')
  throw new IrisError('IRIS5002', { name, reason: `${describe(value)} is unknown`, fix: `pass one of ${list}` })
}

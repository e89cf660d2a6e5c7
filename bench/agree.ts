import type { Argument } from './arguments.ts'

/** Whether a number is another within a bound: relative from 1 on, absolute below. */
export const close = (a: unknown, b: unknown, bound: number): boolean =>
  Object.is(a, b) || Math.abs(Number(a) - Number(b)) <= bound * Math.max(1, Math.abs(Number(b)))

/** Whether the arrays are the wanted ones within a bound, but for a share of strays in each. */
export function agree(wanted: readonly Argument[], others: readonly Argument[], bound: number, strays = 0): boolean {
  return wanted.every((arg, i) => {
    const other = others[i]
    if (typeof arg === 'number') return true
    if (typeof other !== 'object' || other.length !== arg.length) return false
    let apart = 0
    for (let k = 0; k < arg.length; k++) if (!close(other[k], arg[k], bound)) apart++
    return apart <= strays * arg.length
  })
}

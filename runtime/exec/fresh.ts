import { Script } from 'node:vm'

/**
 * Functions made from one function literal share one feedback cell in V8: a wrapper made that way becomes megamorphic
 * at its only call site as soon as there are two kernels, and is no longer inlined. So each kernel's wrapper comes from
 * a script of its own, with a text of its own (V8 reuses what it knows of equal texts). `vm.Script` is not code
 * generation from strings in the sense of --disallow-code-generation-from-strings; the texts hold no data of the user.
 */
let serial = 0

/** Evaluates the text of a function expression to a function with feedback of its own; undefined where that is refused. */
export function freshFunction<F>(text: string, name: string): F | undefined {
  const label = name.replace(/[^\w$.-]/g, '_').slice(0, 60)
  try {
    return new Script(`${text}\n// ${label} ${serial++}`, { filename: `iris:${label}` }).runInThisContext() as F
  } catch (error) {
    if (error instanceof EvalError) return undefined
    throw error
  }
}

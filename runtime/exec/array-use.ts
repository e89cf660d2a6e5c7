/**
 * Whether a function's text indexes a parameter or asks it for a property: then arrays are its ordinary arguments, and
 * the parser need not be loaded at once (it costs 20 ms) to find out whether they mean "elementwise". A mere hint:
 * whoever needs to know asks compiler/source/scalar-parameters.ts.
 */
export function usesParametersAsArrays(text: string): boolean {
  const code = text.replace(COMMENTS_AND_STRINGS, ' ')
  const names = parameterNames(code)
  if (!names) return true
  return names.some(name =>
    new RegExp(`(?<![\\w$.])${name.replace(/\$/g, '\\$')}\\s*(?:\\[|\\?\\.|\\.(?!\\.))`).test(code),
  )
}

const COMMENTS_AND_STRINGS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g
const HEAD = /^(?:([\w$]+)\s*=>|[^(]*\(([^)]*)\))/
const PLAIN = /^[\w$]+$/

/** Undefined where parameters are patterns or the rest: those take no plain numbers. */
function parameterNames(code: string): string[] | undefined {
  const [, single, list] = HEAD.exec(code) ?? []
  const names = (single ?? list ?? '')
    .split(',')
    .map(part => part.split('=')[0]!.trim())
    .filter(name => name !== '')
  return names.every(name => PLAIN.test(name)) ? names : undefined
}

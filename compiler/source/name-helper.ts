/** Built-in name of esbuild's `__name` helper, however a minifier calls it. */
export const NAME_HELPER = 'tool.name'

/** esbuild's helper for keepNames, whatever a minifier calls it: `(f, n) => defineProperty(f, "name", …)`. */
export function isNameHelper(fn: object): boolean {
  const text = Function.prototype.toString.call(fn)
  return (
    text.length < 200 &&
    /^\(?\s*\w+,\s*\w+\s*\)?\s*=>\s*[\w$.]+\(\s*\w+,\s*["']name["'],\s*\{\s*value:\s*\w+,\s*configurable:\s*(true|!0)\s*\}\s*\)$/.test(
      text,
    )
  )
}

/**
 * The second kind of error. A {@link Miss} (base/diagnostic.ts) tells a user what their source or call cannot do;
 * an InvariantError tells us that Iris itself is wrong. The two are never mixed: fallback catches misses only.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}

/** For the default arm of an exhaustive switch: the type checker proves it is never reached. */
export function unreachable(value: never, where: string): never {
  throw new InvariantError(`${where}: unexpected ${JSON.stringify(value)}`)
}

export interface SuiteOptions {
  readonly rounds: number
  /** a part of the names wanted */
  readonly only?: string
  /** names of those to compare with, where a suite has peers that can be chosen; default: all */
  readonly peers?: readonly string[]
  readonly progress: (text: string) => void
}

/** A group of measurements with one kind of result. */
export interface Suite<T> {
  readonly name: string
  readonly description: string
  run(options: SuiteOptions): Promise<T>
  print(result: T): string
  svg?(result: T): string
  ok(result: T): boolean
}

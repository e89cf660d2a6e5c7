/** One function and the arguments that it is called with. */
export interface Case {
  readonly name: string
  readonly fn: (...args: never[]) => unknown
  /** fresh arguments for every run */
  readonly calls: () => readonly (readonly unknown[])[]
  /** calls (by index) that leave for JavaScript on purpose */
  readonly leaves?: readonly number[]
}

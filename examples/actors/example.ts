import { pathToFileURL } from 'node:url'

/** Takes one line of output. */
export type Print = (line: string) => void
export type Example = (print: Print) => Promise<void>

/** Runs the example when its file is the program, not when it is imported. */
export async function runIfMain(url: string, example: Example): Promise<void> {
  const program = process.argv[1]
  if (program !== undefined && pathToFileURL(program).href === url) await example(line => console.log(line))
}

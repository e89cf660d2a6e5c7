import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { builtFile } from '../../base/files.ts'
import type { Mutant } from './mutants.ts'

/** Text with the defect. @throws Error where the old text is not there exactly once */
export function mutated(text: string, { name, file, old, made }: Mutant): string {
  const parts = text.split(old)
  if (parts.length !== 2) throw new Error(`${file} has the text of "${name}" ${parts.length - 1} times`)
  return parts.join(made)
}

/** Plants a defect in this process, before the file is imported. Runs in a built process. */
export function plant(mutant: Mutant): void {
  const url = builtFile(mutant.file.replace(/\.ts$/, '.js'))
  const source = mutated(readFileSync(fileURLToPath(url), 'utf8'), mutant)
  register('./hooks.js', import.meta.url, { data: { url: url.href, source } })
}

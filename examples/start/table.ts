import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { CsvError, parse } from 'csv-parse/sync'

/** What is wrong with the input, in one sentence for the person who typed the command. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

interface Row {
  readonly record: Readonly<Record<string, string>>
  readonly info: { readonly lines: number }
}

export interface Column {
  readonly name: string
  /** smallest and largest number allowed */
  readonly range?: readonly [low: number, high: number]
}

/** Folder of the data files of the npm package vega-datasets. */
const datasets = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data')
export const dataset = (file: string): string => join(datasets, file)

/** Reads numeric columns of a CSV file with a header line. Errors name the file, the line and the column. */
export function readColumns(file: string, columns: readonly Column[]): Float64Array[] {
  const rows = parseFile(file)
  const name = basename(file)
  const [first] = rows
  if (!first) throw new InputError(`${name}: there are no rows below the header`)
  for (const column of columns) {
    if (column.name in first.record) continue
    const known = Object.keys(first.record).join(', ')
    throw new InputError(`${name}: there is no column "${column.name}"; its columns are ${known}`)
  }
  return columns.map(column => Float64Array.from(rows, row => numberOf(row, column, name)))
}

function parseFile(file: string): Row[] {
  const text = readText(file)
  try {
    return parse(text, { columns: true, info: true, bom: true, trim: true, skip_empty_lines: true }) as unknown as Row[]
  } catch (error) {
    if (error instanceof CsvError) throw new InputError(`${basename(file)}: ${error.message}`, { cause: error })
    throw error
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new InputError(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${message}`, {
      cause: error,
    })
  }
}

function numberOf({ record, info }: Row, { name, range }: Column, file: string): number {
  const text = record[name] ?? ''
  const value = text === '' ? Number.NaN : Number(text)
  const where = `${file}, line ${info.lines}, column "${name}"`
  if (!Number.isFinite(value)) throw new InputError(`${where}: "${text}" is not a number`)
  if (range && (value < range[0] || value > range[1])) {
    throw new InputError(`${where}: ${text} is not between ${range[0]} and ${range[1]}`)
  }
  return value
}

/** The text form of the IR: what is printed can be read. Grammar and meaning: docs/ir.md. */
export { type PrintOptions, printExpr, printFunc, printModule, printStmt } from './print.ts'
export { readModule } from './read.ts'
export { TextError } from './tokens.ts'

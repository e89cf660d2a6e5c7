import { fileURLToPath } from 'node:url'
import { builtFile } from '../../base/files.ts'

/** The path of a file that is not compiled: the bench runs from dist/. */
export const checkoutFile = (path: string): string => fileURLToPath(new URL(`../${path}`, builtFile('')))

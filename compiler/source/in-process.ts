import { type Capture, type CaptureOptions, capture } from './capture.ts'
import type { TextReader } from './outline.ts'
import { readOutline } from './read-outline.ts'
import { readProgram } from './read-program.ts'
import { ScriptStore } from './script.ts'

/** Reads at once, on this thread: brings the parser, some 15 ms the first time. */
export const parser: TextReader = { outline: readOutline, program: readProgram }

const scripts = new ScriptStore(parser)

/** {@link capture} with nothing left unread. */
export const captureGraph = (fn: object, options: CaptureOptions = {}): Capture => capture(fn, scripts, options)

import { pathToFileURL } from 'node:url'
import { builtFile } from '../base/files.ts'

/**
 * URL of the file that called into Iris: the kernel's source most likely stands there. The stack is taken at once,
 * and read only when somebody asks, since formatting it costs more than the call.
 */
export function callerFile(): () => readonly string[] {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 8
  const here = new Error('caller')
  Error.stackTraceLimit = limit
  return () => filesOf(here)
}

/** This folder, and where the bundle keeps what several of its files share. */
const OWN = [new URL('.', import.meta.url), builtFile('src/'), builtFile('chunks/')].map(({ href }) => href)

function filesOf(error: Error): string[] {
  const stack: unknown = error.stack
  if (typeof stack !== 'string') return []
  const places = stack.matchAll(/(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()\n]+?):\d+:\d+\)?$/gm)
  const urls = [...places].map(([, place]) => (place!.startsWith('file:') ? place! : pathToFileURL(place!).href))
  return [...new Set(urls.filter(url => !OWN.some(own => url.startsWith(own))))].slice(0, 1)
}

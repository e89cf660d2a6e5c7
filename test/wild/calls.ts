import { hashText, type Kind, type Mode, PLAIN, seeded } from './kinds.ts'

export interface Call {
  readonly label: string
  /** ordinary arguments: the profile that decides between hit and miss */
  readonly main: boolean
  readonly args: readonly unknown[]
}

const MAIN_CALLS = 4
const EDGE_CALLS: readonly (readonly [label: string, mode: Partial<Mode>, times: number])[] = [
  ['edge numbers', { numbers: 'edge' }, 5],
  ['NaN, zeros, infinities', { numbers: 'special' }, 4],
  ['huge numbers', { numbers: 'huge' }, 2],
  ['empty arrays', { lengths: 'empty' }, 1],
  ['short arrays', { lengths: 'short' }, 1],
  ['long arrays', { lengths: 'long' }, 1],
  ['other array class', { arrays: 'swapped' }, 1],
  ['other array class, edge numbers', { arrays: 'swapped', numbers: 'edge' }, 1],
]

/** The calls of one function: always the same ones, since the seed is its name. */
export function callsOf(name: string, kinds: readonly Kind[]): Call[] {
  const random = seeded(hashText(name))
  const draw = (mode: Partial<Mode>): unknown[] => kinds.map(kind => kind({ mode: { ...PLAIN, ...mode }, random }))
  const calls: Call[] = []
  for (let i = 0; i < MAIN_CALLS; i++) calls.push({ label: 'ordinary', main: true, args: draw({}) })
  if (kinds.length === 0) return calls
  for (const [label, mode, times] of EDGE_CALLS) {
    for (let i = 0; i < times; i++) calls.push({ label, main: false, args: draw(mode) })
  }
  calls.push(...otherShapes(draw({})))
  return calls
}

function otherShapes(args: readonly unknown[]): Call[] {
  const last = args.length - 1
  const calls: Call[] = [
    { label: 'last argument missing', main: false, args: args.slice(0, last) },
    { label: 'last argument undefined', main: false, args: [...args.slice(0, last), undefined] },
    { label: 'last argument null', main: false, args: [...args.slice(0, last), null] },
    { label: 'one argument more', main: false, args: [...args, 1.5] },
  ]
  const aliased = aliasing(args)
  if (aliased) calls.push({ label: 'arguments that are the same object', main: false, args: aliased })
  return calls
}

/** The first argument also takes the place of the next one of its class: `add(a, a, b)`. */
function aliasing(args: readonly unknown[]): unknown[] | undefined {
  const [first] = args
  if (typeof first !== 'object' || first === null) return undefined
  const twin = args.findIndex((arg, i) => i > 0 && typeof arg === 'object' && arg?.constructor === first.constructor)
  return twin < 0 ? undefined : args.map((arg, i) => (i === twin ? first : arg))
}

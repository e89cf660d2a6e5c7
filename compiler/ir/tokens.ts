/** Tokens of the text form of the IR. */
export interface Token {
  readonly text: string
  /** A quoted string: `text` is its contents. */
  readonly quoted: boolean
  readonly line: number
  /** First of its line: an optional value (`return`) ends where the line ends. */
  readonly first: boolean
}

export class TextError extends Error {
  override readonly name = 'TextError'
  constructor(message: string, line: number) {
    super(`line ${line}: ${message}`)
  }
}

/** Layout and comments (`; to the end of the line`), a string, a punctuation mark, or a run of anything else. */
const TOKEN = /([ \t\r]+|;[^\n]*)|(\n)|("(?:[^"\\\n]|\\.)*")|([(){},:])|([^\s(){},:";]+(?::[^\s(){},:";]+)*)/y

export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let first = true
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (!match) throw new TextError('unexpected character', line)
    const [whole, layout, newline, quoted] = match
    if (newline) {
      line++
      first = true
    } else if (layout === undefined) {
      tokens.push({ text: quoted ? (JSON.parse(quoted) as string) : whole, quoted: quoted !== undefined, line, first })
      first = false
    }
  }
  return tokens
}

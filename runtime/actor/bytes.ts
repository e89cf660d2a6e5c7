/** Length in UTF-8 without encoding; a lone surrogate counts as its replacement character. Stops at `limit`. */
export function utf8LengthUpTo(text: string, limit: number): number {
  let length = 0
  for (let i = 0; i < text.length && length <= limit; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) length += 1
    else if (unit < 0x800) length += 2
    else if (isPair(text, i)) {
      length += 4
      i++
    } else length += 3
  }
  return length
}

function isPair(text: string, at: number): boolean {
  return text.codePointAt(at)! > 0xffff
}

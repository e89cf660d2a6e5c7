import { Command, InvalidArgumentError } from 'commander'

/**
 * A program of the checkout. `--help` prints its usage and exits with 0; wrong usage is told in one line with the usage
 * below it, exit code 2.
 */
export function program(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
}

/** Parser of an option or argument that is a whole number. */
export function wholeFrom(least: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`a whole number from ${least} is wanted`)
  }
}

/** Parser of an option that is a number above zero. */
export function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('a number above 0 is wanted')
}

/** Parser of an option that is a list of names, parted by commas. */
export function listOf(known: readonly string[]): (text: string) => readonly string[] {
  return text => {
    const names = text.split(',').map(name => name.trim())
    if (names.every(name => known.includes(name))) return names
    throw new InvalidArgumentError(`a list of ${known.join(', ')} is wanted, parted by commas`)
  }
}

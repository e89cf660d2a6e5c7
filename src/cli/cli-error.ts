/** What the user of the command line did, or has, wrong; the message says what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
}

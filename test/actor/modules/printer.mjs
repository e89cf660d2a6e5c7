import { writeSync } from 'node:fs'

/** Takes its time, then prints: the process must not end before. */
export default async function printer(message) {
  await new Promise(resolve => setTimeout(resolve, 50))
  writeSync(1, `${message}\n`)
}

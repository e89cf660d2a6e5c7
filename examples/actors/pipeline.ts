import { type ChildSpec, type Context, type Pid, Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

interface Page {
  readonly number: number
  readonly text: string
}

/** The site to be crawled: each page links to two more, and one page breaks whoever parses it for the first time. */
class Site {
  static readonly PAGES = 200
  #broken = true

  async fetch(number: number): Promise<Page> {
    return { number, text: `${2 * number + 1} ${2 * number + 2}` }
  }

  linksOf({ number, text }: Page): number[] {
    if (number === 13 && this.#broken) {
      this.#broken = false
      throw new Error('unlucky page')
    }
    return text
      .split(' ')
      .map(Number)
      .filter(link => link < Site.PAGES)
  }
}

/**
 * A crawler: frontier → fetchers → parser → frontier, supervised as a whole. The fetchers' mailboxes are short and
 * block their senders, so the frontier never runs ahead. The parser crashes once and is replaced under its own name;
 * the fetcher whose page it held tries again.
 */
export async function pipeline(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const site = new Site()
  const seen = new Set<number>()
  const parsed = new Set<number>()
  let finished!: () => void
  const done = new Promise<void>(resolve => {
    finished = resolve
  })

  const fetcher = async (number: number, context: Context): Promise<void> => {
    try {
      await context.call(runtime.whereis('parser')!, await site.fetch(number))
    } catch (error) {
      print(`page ${number} again: ${(error as Error).message.slice(0, 8)}`)
      runtime.sendAfter(context.self, 5, number)
    }
  }
  const parser = (page: Page): void => {
    const links = site.linksOf(page)
    parsed.add(page.number)
    for (const link of links) runtime.sendNamed('frontier', link)
    if (parsed.size === Site.PAGES) finished()
  }
  const child = (id: string, spawn: () => Pid): ChildSpec => ({ id, start: spawn })
  const mailbox = { capacity: 4, overflow: 'block' } as const
  const supervisor = runtime.supervise({
    intensity: 3,
    children: [
      child('frontier', () =>
        runtime.spawn(
          async (number: number, context) => {
            if (seen.has(number)) return
            seen.add(number)
            await context.send(runtime.whereis(`fetcher ${number % 2}`)!, number)
          },
          { name: 'frontier' },
        ),
      ),
      child('parser', () => runtime.spawn(parser, { name: 'parser' })),
      child('fetcher 0', () => runtime.spawn(fetcher, { name: 'fetcher 0', mailbox })),
      child('fetcher 1', () => runtime.spawn(fetcher, { name: 'fetcher 1', mailbox })),
    ],
  })

  runtime.sendNamed('frontier', 0)
  await done
  print(`${parsed.size} pages crawled, restarts: ${runtime.getMetrics().restarts}`)
  print(`supervisor alive: ${runtime.isAlive(supervisor)}`)
}

await runIfMain(import.meta.url, pipeline)

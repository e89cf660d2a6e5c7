import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { type Pid, Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** Actors behind a line protocol: `NAME argument…` calls the actor with that name, one answer line per request. */
export class ActorServer implements AsyncDisposable {
  readonly #runtime: Runtime
  readonly #server: Server
  readonly #supervisor: Pid

  /** Each service is a supervised actor: a request that crashes it costs one error line and one restart. */
  constructor(runtime: Runtime, services: Readonly<Record<string, (argument: string) => unknown>>) {
    this.#runtime = runtime
    const children = Object.entries(services).map(([name, handler]) => ({
      id: name,
      start: () => runtime.spawn(handler, { name }),
    }))
    this.#supervisor = runtime.supervise({ intensity: 100, children })
    this.#server = createServer(socket => this.#serve(socket))
  }

  async listen(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#runtime.stop(this.#supervisor, { reason: 'Shutdown' })
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  /** One actor per connection: it answers in order, and ends with the socket. */
  #serve(socket: Socket): void {
    const runtime = this.#runtime
    const connection = runtime.spawn(async (line: string) => {
      socket.write(`${await this.#answer(line)}\n`)
    })
    createInterface({ input: socket }).on('line', line => runtime.send(connection, line))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => runtime.stop(connection))
  }

  async #answer(line: string): Promise<string> {
    const [name = '', ...words] = line.split(' ')
    const pid = this.#runtime.whereis(name)
    if (pid === null) return `error: there is no ${name}`
    try {
      return `ok: ${await this.#runtime.call(pid, words.join(' '))}`
    } catch (error) {
      const { message, cause } = error as Error
      return `error: ${cause instanceof Error ? cause.message : message}`
    }
  }
}

/** A real server on a real socket, and a client that makes one of its handlers crash. */
export async function tcpServer(print: Print): Promise<void> {
  await using runtime = new Runtime()
  let visits = 0
  await using server = new ActorServer(runtime, {
    greet: name => `hello ${name}, you are number ${++visits}`,
    divide: text => {
      const [a = 0, b = 0] = text.split(' ').map(Number)
      if (b === 0) throw new Error('division by zero')
      return a / b
    },
  })
  const socket = connect(await server.listen(), '127.0.0.1')
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  for (const request of ['greet Ada', 'divide 1 0', 'divide 6 4', 'nobody home', 'greet Grace']) {
    socket.write(`${request}\n`)
    print(`${request} → ${(await lines.next()).value}`)
  }
  socket.end()
  await once(socket, 'close')
}

await runIfMain(import.meta.url, tcpServer)

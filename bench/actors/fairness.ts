import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Pid, Runtime } from '../../runtime/actor/index.ts'

export interface Latencies {
  /** 99th percentiles in milliseconds. */
  readonly quietActor: number
  readonly tcpEcho: number
  readonly flooded: number
}

function percentile99(samples: number[]): number {
  samples.sort((a, b) => a - b)
  return samples[Math.floor(samples.length * 0.99)] ?? Number.NaN
}

async function echoServer(): Promise<{ socket: Socket; close: () => void }> {
  const server = createServer(socket => {
    socket.setNoDelay(true).pipe(socket)
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay(true)
  await once(socket, 'connect')
  const close = (): void => {
    socket.destroy()
    server.close()
  }
  return { socket, close }
}

/** One actor flooded with `messages`, a quiet one pinged every 10 ms and a TCP echo, all on one event loop. */
export async function fairness(messages: number): Promise<Latencies> {
  await using runtime = new Runtime()
  const quiet = runtime.spawn((sentAt: number) => performance.now() - sentAt)
  const [pings, echoes]: [number[], number[]] = [[], []]
  let handled = 0
  let done!: () => void
  const over = new Promise<void>(resolve => {
    done = resolve
  })
  const flooded = runtime.spawn(() => {
    if (++handled === messages) done()
  })
  let sent = 0
  const flooder: Pid = runtime.spawn(() => {
    for (let i = 0; i < 1000; i++) runtime.send(flooded, i)
    sent += 1000
    if (sent < messages) runtime.send(flooder, 0)
  })

  const { socket, close } = await echoServer()
  let echoSentAt = 0
  socket.on('data', () => echoes.push(performance.now() - echoSentAt))
  const beat = setInterval(() => {
    void runtime.call<number>(quiet, performance.now()).then(latency => pings.push(latency))
    echoSentAt = performance.now()
    socket.write('x')
  }, 10)
  runtime.send(flooder, 0)
  await over
  clearInterval(beat)
  close()
  return { quietActor: percentile99(pings), tcpEcho: percentile99(echoes), flooded: handled }
}

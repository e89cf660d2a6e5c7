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

export interface Flood {
  readonly messages: number
  /** Actors that share the messages among them. One alone gets as many turns as the receiver; ten leave it a backlog. */
  readonly senders: number
}

/** Each sender sends a thousand for every message of its own. Resolves when the receiver has handled all. */
function flood(runtime: Runtime, { messages, senders }: Flood): Promise<void> {
  return new Promise(done => {
    let handled = 0
    const flooded = runtime.spawn(() => {
      if (++handled < messages) return
      runtime.stop(flooded)
      done()
    })
    for (let k = 0; k < senders; k++) {
      let left = messages / senders
      const sender: Pid = runtime.spawn(() => {
        const batch = Math.min(left, 1000)
        for (let i = 0; i < batch; i++) runtime.send(flooded, i)
        left -= batch
        if (left > 0) runtime.send(sender, 0)
        else runtime.stop(sender)
      })
      runtime.send(sender, 0)
    }
  })
}

/** Round trips of an echo over TCP, one every 10 ms while the work lasts; `onBeat` is called as often. */
async function echoDuring(work: () => Promise<void>, onBeat: () => void = () => undefined): Promise<number[]> {
  const echoes: number[] = []
  const { socket, close } = await echoServer()
  let sentAt = 0
  socket.on('data', () => echoes.push(performance.now() - sentAt))
  const beat = setInterval(() => {
    onBeat()
    sentAt = performance.now()
    socket.write('x')
  }, 10)
  await work()
  clearInterval(beat)
  close()
  return echoes
}

/**
 * One actor flooded, a quiet one pinged every 10 ms and a TCP echo, all on one event loop. Floods follow each other for
 * `leastMs`, so that a percentile is one of many samples.
 */
export async function fairness(shape: Flood, leastMs = 0): Promise<Latencies> {
  await using runtime = new Runtime()
  const quiet = runtime.spawn((sentAt: number) => performance.now() - sentAt)
  const pings: number[] = []
  const begin = performance.now()
  let floods = 0
  const work = async (): Promise<void> => {
    do {
      await flood(runtime, shape)
      floods++
    } while (performance.now() - begin < leastMs)
  }
  const echoes = await echoDuring(work, () => {
    void runtime.call<number>(quiet, performance.now()).then(latency => pings.push(latency))
  })
  return { quietActor: percentile99(pings), tcpEcho: percentile99(echoes), flooded: floods * shape.messages }
}

/** What the machine alone makes of the echo: an event loop that is busy for 1 ms at a time, and no runtime. */
export async function echoBesideBusyLoop(ms: number): Promise<number> {
  const end = performance.now() + ms
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      const pause = performance.now() + 1
      while (performance.now() < pause);
      await new Promise(setImmediate)
    }
  }
  return percentile99(await echoDuring(work))
}

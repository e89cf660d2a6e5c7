import { Pid } from '../pid.ts'
import type { Process } from '../process.ts'
import type { ActorSystem } from '../system.ts'
import type { Bridge } from './bridge.ts'
import type { PidCodec, WirePid } from './payload.ts'
import { StandIn } from './stand-in.ts'
import type { Address, Side } from './wire.ts'

/** A process by its index in the other side's table. */
class Index {
  readonly #entries = new Map<number, { readonly generation: number; readonly process: Process }>()

  get(index: number, generation: number): Process | undefined {
    const entry = this.#entries.get(index)
    return entry?.generation === generation ? entry.process : undefined
  }

  set({ index, generation }: Address, process: Process): void {
    this.#entries.set(index, { generation, process })
  }

  delete({ index, generation }: Address): void {
    if (this.get(index, generation) !== undefined) this.#entries.delete(index)
  }
}

/** Which process on this side an address means, and the reverse. */
export class Addresses implements PidCodec {
  readonly #system: ActorSystem
  readonly #side: Side
  readonly #bridge: Bridge
  /** Stand-ins here for actors of the other side. */
  readonly #standIns = new Index()
  /** Actors here that the other side has made and knows by its stand-ins. */
  readonly #mirrors = new Index()
  readonly #mirrored = new Map<Process, Address>()

  constructor(system: ActorSystem, side: Side, bridge: Bridge) {
    this.#system = system
    this.#side = side
    this.#bridge = bridge
  }

  /** Undefined when the process is dead or was never known here. */
  find({ side, index, generation }: Address): Process | undefined {
    if (side === this.#side) return this.#system.table.at(index, generation)
    return this.#mirrors.get(index, generation) ?? this.#standIns.get(index, generation)
  }

  ofPid(pid: Pid): Address {
    const process = Pid.process(pid)
    const remote = process?.extras?.remote
    if (remote instanceof StandIn && remote.bridge === this.#bridge) return remote.address
    const mirrored = process && this.#mirrored.get(process)
    return mirrored ?? { side: this.#side, index: pid.index, generation: pid.generation }
  }

  mirror(process: Process, address: Address): void {
    this.#mirrors.set(address, process)
    this.#mirrored.set(process, address)
  }

  forget(address: Address, process: Process): void {
    this.#mirrored.delete(process)
    if (address.side === this.#side) return
    this.#mirrors.delete(address)
    this.#standIns.delete(address)
  }

  toWire(pid: Pid): WirePid {
    const { side, index, generation } = this.ofPid(pid)
    return { irisPid: [side, index, generation, pid.node] }
  }

  /** An actor not met before gets a stand-in; its end will be reported. */
  fromWire({ irisPid: [side, index, generation, node] }: WirePid): Pid {
    const address = { side, index, generation }
    const known = this.find(address)
    if (known !== undefined) return known.pid
    if (side === this.#side) return new Pid(node, index, generation)
    const standIn = this.#system.spawner.standIn(new StandIn(this.#bridge, address))
    this.#standIns.set(address, standIn)
    this.#bridge.write('watch', address, 0, undefined)
    return standIn.pid
  }
}

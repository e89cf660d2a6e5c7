import { Pid } from '../pid.ts'
import type { Process } from '../process.ts'
import type { ActorSystem } from '../system.ts'
import type { Bridge } from './bridge.ts'
import type { PidCodec, WirePid } from './payload.ts'
import { StandIn } from './stand-in.ts'
import type { Address, Side } from './wire.ts'

interface Entry {
  readonly generation: number
  readonly process: Process
}

/**
 * A process by its address in the other side's table. A slot there may have a new owner before it is known here that
 * the old one has ended, so each index has its owners, mostly one.
 */
class Index {
  readonly #entries = new Map<number, readonly Entry[]>()

  get(index: number, generation: number): Process | undefined {
    const owners = this.#entries.get(index)
    if (owners === undefined) return undefined
    for (const owner of owners) if (owner.generation === generation) return owner.process
    return undefined
  }

  set({ index, generation }: Address, process: Process): void {
    this.#entries.set(index, [...(this.#entries.get(index) ?? []), { generation, process }])
  }

  delete({ index, generation }: Address): void {
    const left = this.#entries.get(index)?.filter(owner => owner.generation !== generation)
    if (left === undefined) return
    if (left.length > 0) this.#entries.set(index, left)
    else this.#entries.delete(index)
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
  /** By pid, for an actor that tells its links of its end is off its pid already. */
  readonly #mirrored = new Map<Pid, Address>()

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
    const remote = Pid.process(pid)?.extras?.remote
    if (remote instanceof StandIn && remote.bridge === this.#bridge) return remote.address
    const mirrored = this.#mirrored.get(pid)
    return mirrored ?? { side: this.#side, index: pid.index, generation: pid.generation }
  }

  mirror(process: Process, address: Address): void {
    this.#mirrors.set(address, process)
    this.#mirrored.set(process.pid, address)
  }

  forget(address: Address, process: Process): void {
    this.#mirrored.delete(process.pid)
    if (address.side === this.#side) return
    this.#mirrors.delete(address)
    this.#standIns.delete(address)
  }

  toWire(pid: Pid): WirePid {
    const { side, index, generation } = this.ofPid(pid)
    return { irisPid: [side, index, generation] }
  }

  /** An actor not met before gets a stand-in; its end will be reported. */
  fromWire({ irisPid: [side, index, generation] }: WirePid): Pid {
    const address = { side, index, generation }
    const known = this.find(address)
    if (known !== undefined) return known.pid
    if (side === this.#side) return new Pid(this.#system.table.node, index, generation)
    const standIn = this.#system.spawner.standIn(new StandIn(this.#bridge, address))
    this.#standIns.set(address, standIn)
    this.#bridge.write('watch', address, 0, undefined)
    return standIn.pid
  }
}

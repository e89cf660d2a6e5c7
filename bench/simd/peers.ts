import type { Argument } from '../arguments.ts'
import { compileHand, type Hand } from './hand.ts'

/** The same kernel by hand, where there is one: on copies of the arguments, in a memory of its own. */
export interface Peers {
  hand(kernel: string, args: readonly Argument[]): (() => unknown) | undefined
}

type ByHand = (hand: Hand, at: readonly number[], args: readonly Argument[]) => unknown

const lengthOf = (arg: Argument | undefined): number => (typeof arg === 'object' ? arg.length : 0)

const BY_HAND: Readonly<Record<string, ByHand>> = {
  'saxpy f64': (hand, [, x = 0, y = 0], [a, xs]) => hand.saxpy(lengthOf(xs), Number(a), x, y),
  'dot f32': (hand, [x = 0, y = 0], [xs]) => hand.dot32(lengthOf(xs), x, y),
  'RGBA to grey': (hand, [rgba = 0, out = 0], [, grey]) => hand.grey(lengthOf(grey), rgba, out),
  'stencil 300²': (hand, [src = 0, dst = 0], [, , width, height]) =>
    hand.stencil(src, dst, Number(width), Number(height)),
  'matmul 512 i-k-j': (hand, [a = 0, b = 0, c = 0], [, , , n]) => hand.matmul(a, b, c, Number(n)),
}

export async function peersOf(): Promise<Peers> {
  const hand = await compileHand()
  return {
    hand(kernel, args) {
      const run = BY_HAND[kernel]
      if (!run) return undefined
      const at = placed(hand.memory, args)
      return () => run(hand, at, args)
    },
  }
}

const FIRST = 1024

/** Copies the arrays into the memory, one after the other; the address of each. */
function placed({ buffer }: WebAssembly.Memory, args: readonly Argument[]): readonly number[] {
  let next = FIRST
  return args.map(arg => {
    if (typeof arg === 'number') return 0
    const at = next
    new Uint8Array(buffer, at, arg.byteLength).set(new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength))
    next = (at + arg.byteLength + 127) & ~63
    return at
  })
}

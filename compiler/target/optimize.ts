import type { Unit } from './frame.ts'

export function optimize({ wasm, out }: Unit): void {
  wasm.setOptimizeLevel(3)
  wasm.setShrinkLevel(0)
  out.optimize()
}

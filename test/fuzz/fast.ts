import type { CompileOptions } from '../../compiler/abi.ts'
import { type Batched, emitBatch } from './batch.ts'
import type { Mismatch, Tally } from './check.ts'
import { isSame, type Seen } from './compare.ts'
import { type Compiled, compileIr, type Engine, type Run } from './engine.ts'
import type { Sample } from './program.ts'
import { isTimeout, timed } from './timed.ts'
import { type Loaded, load, requestOf } from './world.ts'

/**
 * `math: 'fast'` gives other bits than JavaScript, but the same in scalar and in vector code, on every host: the order of
 * sums depends on their length alone, and a vector function of kernels/ has the bits of its scalar form. How far the
 * bits are from those of JavaScript is checked where the error of a kernel is known (test/conformance, test/kernels): of
 * a random program it may be anything.
 */
export async function checkFast(
  engine: Engine,
  samples: readonly Sample[],
  ms: number,
  tally: Tally,
): Promise<Mismatch | undefined> {
  const pairs: { readonly loaded: Loaded; readonly both: readonly [Compiled, Compiled] }[] = []
  for (const loaded of samples.map(load)) {
    tally.programs++
    const made = compileBoth(loaded)
    if (made === undefined) continue
    if ('tier' in made) return made
    tally.compiled++
    pairs.push({ loaded, both: made })
  }
  const scalar = await emitBatch(
    pairs.map(({ both }) => both[0]),
    engine.context,
    1,
  )
  const simd = await emitBatch(
    pairs.map(({ both }) => both[1]),
    engine.context,
    1,
  )
  for (const [i, { loaded }] of pairs.entries()) {
    const mismatch = compare(engine, loaded, scalar[i]!, simd[i]!, ms, tally)
    if (mismatch) return mismatch
  }
  return undefined
}

function compileBoth(loaded: Loaded): readonly [Compiled, Compiled] | Mismatch | undefined {
  const { sample } = loaded
  const request = requestOf(sample, loaded.world(), loaded.calls[0]!())
  const compiled = (tier: CompileOptions['tier']): Compiled | string =>
    compileIr({ ...request, options: { ...request.options, math: 'fast', tier } }, false)
  try {
    const [scalar, simd] = [compiled('scalar'), compiled('simd')]
    return typeof scalar === 'string' || typeof simd === 'string' ? undefined : [scalar, simd]
  } catch (crash) {
    return { tier: 'compile', sample, call: 0, wanted: undefined, found: undefined, crash }
  }
}

/** A call that one of the two declines runs as JavaScript. */
function compare(
  engine: Engine,
  loaded: Loaded,
  scalar: Batched,
  simd: Batched,
  ms: number,
  tally: Tally,
): Mismatch | undefined {
  for (let call = 0; call < loaded.calls.length; call++) {
    const at = { tier: 'fast', sample: loaded.sample, call } as const
    try {
      const [wanted, found] = timed(ms, () =>
        [scalar, simd].map(({ plan, run }) => engine.run(loaded, call, plan, run)),
      ) as [Run, Run]
      tally.calls++
      if (wanted.declined !== undefined || found.declined !== undefined) continue
      tally.kept++
      if (!isSame(all(wanted), all(found))) return { ...at, wanted, found }
    } catch (crash) {
      if (isTimeout(crash)) continue
      return { ...at, wanted: undefined, found: undefined, crash }
    }
  }
  return undefined
}

const all = ({ value, args, self, captured }: Seen): unknown[] => [value, args, self, captured]

import { describe, expect, it } from 'vitest'
import { kernelName } from '../../base/library.ts'
import * as b from '../../compiler/ir/build.ts'
import type { Expr, Param } from '../../compiler/ir/ir.ts'
import { primitiveNames, primitiveOf } from '../../compiler/ir/primitives.ts'
import { kernels } from '../../src/kernels/index.ts'
import { buildFunction, entry } from '../target/machine.ts'

/** The table of functions that compiled code can link, against the modules that hold them. */
describe('the table of primitives', () => {
  it.each(primitiveNames())('%s is in its module and takes and gives what the table says', async name => {
    const { params, result } = primitiveOf(name)
    const isArray = (param: string): boolean => param === 'in' || param === 'out' || param === 'at'
    const given = params.map(
      (param, i): Param => ({ name: `p${i}`, type: isArray(param) ? 'arr.f64' : (param as 'i32') }),
    )
    const args = given.map(({ type }, i): Expr => b.get(i, type))
    const local = { name: 'r', type: result === 'void' ? ('i32' as const) : result }
    const call = { kind: 'primitive' as const, name, args, ...(result !== 'void' && { result: params.length }) }
    // binaryen checks the types of the call against those of the function that it copies
    await buildFunction(entry(given, [local], 'void', call))
  })
})

describe('the functions of the library', () => {
  it('are known by identity, all that hold WebAssembly', () => {
    const plain = ['alloc', 'async', 'designBiquad', 'free', 'tableOf']
    const unnamed = Object.entries(kernels).filter(([name, kernel]) => kernelName(kernel) !== `kernels.${name}`)
    expect(unnamed.map(([name]) => name).sort()).toEqual(plain)
    expect(kernelName(kernels.async.sort)).toBe('kernels.async.sort')
  })
})

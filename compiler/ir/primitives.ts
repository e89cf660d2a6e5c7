import { invariant } from '../../base/invariant.ts'
import type { LocalId, Stmt } from './ir.ts'
import type { Elem } from './types.ts'

/**
 * The functions of kernels/ that the kernel library calls over whole arrays, as far as compiled code can call them too:
 * what is passed, in order, and what comes back. A statement `primitive` names one as `<family>.<function>`.
 *
 * `in`: an array that is read; `out`: one that is written, and read where it is an input as well; `at`: one of which only
 * the address counts. The other parameters are scalars, the number of elements (of bytes) among them.
 */
export interface Primitive {
  readonly family: string
  readonly entry: string
  readonly params: readonly PrimitiveParam[]
  readonly result: Scalar | 'void'
}
export type PrimitiveParam = 'in' | 'out' | 'at' | Scalar
type Scalar = 'i32' | 'f32' | 'f64'
type PrimitiveStmt = Extract<Stmt, { kind: 'primitive' }>

const TABLE = new Map<string, Primitive>()

export function primitiveOf(name: string): Primitive {
  const found = TABLE.get(name)
  invariant(found, `the kernel library has no function ${name}`)
  return found
}

export const isPrimitive = (name: string): boolean => TABLE.has(name)

/** For tests that compare the table with the modules. */
export const primitiveNames = (): readonly string[] => [...TABLE.keys()]

const arraysOf = ({ name, args }: PrimitiveStmt, test: (param: PrimitiveParam) => boolean): LocalId[] =>
  primitiveOf(name).params.flatMap((param, i) => {
    const arg = args[i]
    return test(param) && arg?.kind === 'get' ? [arg.local] : []
  })

/** Arrays whose elements a primitive reads. */
export const primitiveReads = (stmt: PrimitiveStmt): LocalId[] => arraysOf(stmt, param => param === 'in')

/** Arrays whose elements it writes. */
export const primitiveWrites = (stmt: PrimitiveStmt): LocalId[] => arraysOf(stmt, param => param === 'out')

function add(
  family: string,
  entry: string,
  params: readonly PrimitiveParam[],
  result: Primitive['result'] = 'void',
): void {
  TABLE.set(`${family}.${entry}`, { family, entry, params, result })
}

/** The scalar that an element of this kind is passed as. */
const scalarOf = (elem: Elem): Scalar => (elem === 'f64' || elem === 'f32' ? elem : 'i32')

const FLOATS = ['f64', 'f32'] as const
const ARITHMETIC = ['f64', 'f32', 'i32'] as const
const ALL = ['f64', 'f32', 'i32', 'u32', 'i16', 'u16', 'i8', 'u8'] as const

/** kernels/assembly/vectors: the kind of element ends the name. */
function addVectors(): void {
  const each = (
    kernels: string,
    elems: readonly Elem[],
    params: (scalar: Scalar) => readonly PrimitiveParam[],
    result: Primitive['result'] | 'element' = 'void',
  ): void => {
    for (const kernel of kernels.split(' '))
      for (const elem of elems) {
        const scalar = scalarOf(elem)
        add('vectors', `${kernel}_${elem}`, params(scalar), result === 'element' ? scalar : result)
      }
  }
  const one = (): readonly PrimitiveParam[] => ['in', 'i32']
  const two = (): readonly PrimitiveParam[] => ['in', 'in', 'i32']
  each('sum', ['f64', 'f32', 'i32', 'u32', 'i8', 'u8'], one, 'f64')
  each('magnitude maxAbs norm', FLOATS, one, 'f64')
  each('variance', ARITHMETIC, () => ['in', 'i32', 'f64'], 'f64')
  each('dot euclidean manhattan', ['f64', 'f32', 'i32', 'i8', 'u8'], two, 'f64')
  each('cosine', FLOATS, two, 'f64')
  each('hamming', ['f64', 'f32', 'i32', 'i16', 'i8'], two, 'i32')
  add('vectors', 'hammingBits', two(), 'f64')
  each('min max', ALL, one, 'element')
  each('argmin argmax', ALL, one, 'i32')
  each('add sub mul', ARITHMETIC, () => ['in', 'in', 'out', 'i32'])
  each('div', FLOATS, () => ['in', 'in', 'out', 'i32'])
  each('addNumber subNumber mulNumber', ARITHMETIC, scalar => ['in', scalar, 'out', 'i32'])
  each('divNumber', FLOATS, scalar => ['in', scalar, 'out', 'i32'])
  each('axpy', FLOATS, scalar => [scalar, 'in', 'in', 'out', 'i32'])
  each('clamp', ['f64', 'f32', 'i32', 'i8', 'u8'], scalar => ['in', scalar, scalar, 'out', 'i32'])
  each('cumsum', ARITHMETIC, () => ['in', 'out', 'i32'])
}

addVectors()
add('checksum', 'crc32', ['in', 'i32', 'i32'], 'i32')
add('checksum', 'adler32', ['in', 'i32', 'i32'], 'i32')
for (const elem of FLOATS) {
  const matrix: readonly PrimitiveParam[] = ['in', 'i32', 'i32']
  add('matrix', `gemm_${elem}`, ['i32', 'i32', 'i32', elem, ...matrix, ...matrix, elem, 'out', 'out'])
  add('matrix', `gemv_${elem}`, ['i32', 'i32', elem, 'in', 'in', elem, 'out'])
  add('matrix', `gevm_${elem}`, ['i32', 'i32', elem, 'in', 'in', elem, 'out'])
}
add('runtime', 'overlap', ['at', 'i32', 'at', 'i32', 'i32'], 'i32')

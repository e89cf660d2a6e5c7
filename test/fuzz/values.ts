import type { Random } from './random.ts'

/** Numbers at which arithmetic, conversions and comparisons change their behaviour. */
export const NASTY: readonly string[] = [
  'NaN', 'Infinity', '-Infinity', '0', '-0', '1', '-1', '0.5', '-0.5', '1.5', '2.5', '-2.5', '0.1', '1/3',
  '5e-324', '-5e-324', '2.2250738585072014e-308', '1.7976931348623157e308', '0.49999999999999994', '1e-7', '1e21',
  '127', '128', '-128', '-129', '254.5', '255', '255.5', '256', '32767', '32768', '-32769', '65535', '65536',
  '2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295', '4294967296', '4294967301', '-4294967297',
  '9007199254740991', '9007199254740992', '9007199254740994', '-9007199254740992', '18446744073709551616',
  '4503599627370495.5', '1e300', '-1e300', '16777217', '3.4028235677973366e38', '1e-45', '3', '7', '-7', '10', '100', '-0', '-0', '0', 'NaN',
] // biome-ignore format: a table

export const ELEMS = {
  Float64Array: 'f64',
  Float32Array: 'f32',
  Int8Array: 'i8',
  Uint8Array: 'u8',
  Uint8ClampedArray: 'u8c',
  Int16Array: 'i16',
  Uint16Array: 'u16',
  Int32Array: 'i32',
  Uint32Array: 'u32',
} as const
export type TypedName = keyof typeof ELEMS
export const TYPED_NAMES = Object.keys(ELEMS) as TypedName[]

const BYTES: Readonly<Record<TypedName, number>> = {
  Float64Array: 8,
  Float32Array: 4,
  Int8Array: 1,
  Uint8Array: 1,
  Uint8ClampedArray: 1,
  Int16Array: 2,
  Uint16Array: 2,
  Int32Array: 4,
  Uint32Array: 4,
}

/** The kinds of values that programs are generated for. */
export type ParamKind =
  | { readonly k: 'num' }
  | { readonly k: 'count' }
  | { readonly k: 'bool' }
  | { readonly k: 'maybe' }
  | { readonly k: 'typed'; readonly type: TypedName }
  | { readonly k: 'list' }
  /** an array of objects { x, y } */
  | { readonly k: 'records' }
  | { readonly k: 'object'; readonly fields: Readonly<Record<string, ParamKind>> }

export function numberText(random: Random): string {
  return random.choose([
    [5, () => random.pick(NASTY)],
    [1, () => random.pick(['-0', '-0', '0'])],
    [3, () => String(random.between(-9, 20))],
    [2, () => String(random.between(-999, 999) / 8)],
    [1, () => String(random.between(-1e9, 1e9) * random.between(1, 1e6))],
    [1, () => String((random.next() - 2 ** 31) / random.between(1, 1e5))],
  ])
}

/** What is passed for a count or an index; now and then it is none. */
export function countText(random: Random): string {
  if (random.chance(0.85)) return String(random.between(0, 9))
  return random.pick(['-1', '2.5', 'NaN', '-0', '-0', '-0', '0', '12', '-3'])
}

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 9, 17, 33] as const

export function elementsText(random: Random, length: number = random.pick(LENGTHS)): string {
  const isPlain = random.chance(0.5)
  const one = (): string => (isPlain ? String(random.between(-20, 40) / random.pick([1, 1, 2, 4])) : numberText(random))
  return `[${Array.from({ length }, one).join(', ')}]`
}

export function typedText(random: Random, type: TypedName): string {
  if (random.chance(0.01)) return `detached(new ${type}(${random.between(1, 4)}))`
  if (random.chance(0.1)) {
    const offset = random.between(0, 2)
    return `new ${type}(new ${type}(${elementsText(random)}).buffer, ${offset * 0})`
  }
  return `new ${type}(${elementsText(random)})`
}

/** Source text of a value of this kind. */
export function valueText(random: Random, kind: ParamKind): string {
  switch (kind.k) {
    case 'num':
      return numberText(random)
    case 'count':
      return countText(random)
    case 'bool':
      return random.pick(['true', 'false'])
    case 'maybe':
      return random.chance(0.5) ? 'undefined' : numberText(random)
    case 'typed':
      return typedText(random, kind.type)
    case 'list':
      return elementsText(random, random.between(1, 8))
    case 'records':
      return `[${Array.from({ length: random.between(1, 5) }, () => `{ x: ${numberText(random)}, y: ${numberText(random)} }`).join(', ')}]`
    case 'object':
      return `{ ${Object.entries(kind.fields)
        .map(([name, field]) => `${name}: ${valueText(random, field)}`)
        .join(', ')} }`
  }
}

/** How the typed arrays of one program's calls lie to each other. */
export type Aliasing = 'none' | 'identical' | 'overlap'

/**
 * Text of the arguments of one call. With aliasing, arrays of integers of all kinds are views of one buffer, and so are
 * those of each kind of float: the bits of a NaN differ between engines, and integers of the same bytes would show them.
 */
export function argumentsText(random: Random, kinds: readonly ParamKind[], aliasing: Aliasing): string {
  if (aliasing === 'none') return `[${kinds.map(kind => valueText(random, kind)).join(', ')}]`
  const seen = new Map<TypedName, string>()
  const parts = kinds.map(kind => {
    if (kind.k !== 'typed') return valueText(random, kind)
    const known = seen.get(kind.type)
    if (aliasing === 'identical' && known !== undefined && random.chance(0.8)) return known
    const text = viewText(random, kind.type)
    seen.set(kind.type, text)
    return text
  })
  return `((f64, f32, ints) => [${parts.join(', ')}])(${BUFFERS.map(() => `filled(96, ${random.below(1000)})`).join(', ')})`
}

function viewText(random: Random, type: TypedName): string {
  const bytes = BYTES[type]
  const offset = random.between(0, 4) * 8
  const length = random.between(1, Math.min(9, Math.floor((96 - offset) / bytes)))
  const buffer = type === 'Float64Array' ? 'f64' : type === 'Float32Array' ? 'f32' : 'ints'
  return `new ${type}(${buffer}, ${offset}, ${length})`
}

const BUFFERS = ['f64', 'f32', 'ints'] as const

import { values } from './simd-shapes.ts'

/** Random loops over arrays of random kinds: what the vectoriser may meet. */
export interface LoopProgram {
  readonly source: string
  readonly fn: (...args: never[]) => unknown
  readonly args: (n: number) => readonly unknown[]
}

const KINDS = [
  Float64Array,
  Float64Array,
  Float32Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
] as const
type Typed = InstanceType<(typeof KINDS)[number]>

/** For loops in narrow integer lanes. */
const NARROW = [Uint8Array, Uint8Array, Int8Array, Uint8ClampedArray, Int16Array, Uint16Array] as const

class Generator {
  #state: number
  #depth = 0
  readonly locals = ['t', 'u']
  /** Small integers only. */
  readonly narrow: boolean
  constructor(seed: number, narrow: boolean) {
    this.narrow = narrow
    this.#state = Math.imul(seed + 17, 2654435761) >>> 0
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * limit)
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  element(): string {
    const array = this.pick(['a', 'b', 'c'])
    return `${array}[${this.pick(['i', 'i', 'i', 'i', 'i + 1', 'i - 1', 'i + k', '2 * i', '3 * i + 1', '4 * i + 2', 'n - 1 - i', '0'])}]`
  }

  leaf(): string {
    return this.pick([
      () => this.element(),
      () => this.element(),
      () => this.pick(this.locals),
      () =>
        this.pick(
          this.narrow
            ? ['k', '0', '1', '3', '255', '77', '128']
            : ['i', 'k', '0', '(-0)', '1', '2.5', '(-3)', '255', '0.1', 'x'],
        ),
    ])()
  }

  number(): string {
    if (this.#depth > 3) return this.leaf()
    this.#depth++
    const made = this.narrow
      ? this.integer()
      : this.pick([
          () => this.leaf(),
          () => `(${this.number()} ${this.pick(['+', '-', '*', '/'])} ${this.number()})`,
          () => `(${this.number()} ${this.pick(['+', '-', '*'])} ${this.number()})`,
          () => `(${this.number()} ${this.pick(['&', '|', '^'])} ${this.number()})`,
          () => `(${this.number()} ${this.pick(['<<', '>>', '>>>'])} ${this.pick(['1', '3', '8', '31', 'k'])})`,
          () => `(${this.condition()} ? ${this.number()} : ${this.number()})`,
          () =>
            `Math.${this.pick(['abs', 'floor', 'ceil', 'trunc', 'sqrt', 'round', 'fround', 'sign'])}(${this.number()})`,
          () => `Math.${this.pick(['min', 'max', 'imul'])}(${this.number()}, ${this.number()})`,
          () => `(${this.number()} | 0)`,
          () => `(-(${this.leaf()}))`,
          () => `((${this.leaf()}) % ${this.pick(['3', '8', 'x'])})`,
        ])()
    this.#depth--
    return made
  }

  integer(): string {
    return this.pick([
      () => this.leaf(),
      () => `(${this.number()} ${this.pick(['+', '-', '*', '&', '|', '^'])} ${this.number()})`,
      () => `(${this.number()} ${this.pick(['+', '-', '*'])} ${this.leaf()})`,
      () => `(${this.number()} ${this.pick(['>>', '>>>', '<<'])} ${this.pick(['1', '3', '8', '15', '16'])})`,
      () => `(${this.number()} & ${this.pick(['255', '7', '65535', '0x7f'])})`,
      () => `(${this.condition()} ? ${this.number()} : ${this.number()})`,
    ])()
  }

  condition(): string {
    const relation = this.pick(['<', '<=', '>', '>=', '===', '!=='])
    const one = `${this.leaf()} ${relation} ${this.leaf()}`
    return this.below(4) === 0 ? `(${one} ${this.pick(['&&', '||'])} !(${this.leaf()} > ${this.leaf()}))` : one
  }

  statement(nested: boolean): string {
    return this.pick([
      () => `${this.pick(this.locals)} = ${this.number()}`,
      () => `${this.pick(['o', 'p'])}[i] = ${this.number()}`,
      () => `${this.pick(['o', 'p'])}[${this.pick(['i', 'i', 'i + 1', '2 * i'])}] = ${this.number()}`,
      () =>
        nested ? `u = t` : `if (${this.condition()}) { ${this.statement(true)} } else { ${this.statement(true)} }`,
      () => `if (${this.condition()}) { ${this.statement(true)} }`,
      () => `s = (s + ${this.number()}) | 0`,
      () => `m = Math.${this.pick(['min', 'max'])}(m, ${this.number()})`,
      () => `if (${this.condition()}) q++`,
      () => (nested ? 'u = t' : this.search()),
      () => (nested ? `t = ${this.leaf()}` : `if (${this.condition()}) continue`),
      () => (nested ? `u = ${this.leaf()}` : this.inner()),
    ])()
  }

  /** Greatest and least values by comparison, flags, early ends. */
  search(): string {
    const value = this.leaf()
    const relation = this.pick(['<', '>', '<=', '>='])
    return this.pick([
      () => `if (${value} ${relation} g) g = ${value}`,
      () => `g = ${value} ${relation} g ? ${value} : g`,
      () => `if (${this.condition()}) f = true`,
      () => `e = e && ${value} ${relation} 1000`,
      () => `if (${this.element()} === ${this.pick(['255', '1', '(-3)', 'x'])}) break`,
      () => `if (${this.element()} ${relation} ${this.pick(['90', '1e300', '(-90)'])}) return [i, s, m, q, g, f, e]`,
    ])()
  }

  inner(): string {
    const update = `t = ${this.pick(['t * 0.5 - 1', 't + u', 'u - t', 't * t - u'])}`
    return this.pick([
      () => `{ let w = 0; while (w < ${this.pick(['5', 'k'])} && ${this.condition()}) { ${update}; w++ } u += w }`,
      () =>
        `for (let j = 0; j < ${this.pick(['3', 'k'])}; j++) { ${update}; u += a[${this.pick(['i + j', 'j * n + i', 'k * j + i', 'i - j'])}] }`,
      () => `for (let j = 0; j < 4; j++) { ${update}; if (t > 100) break }`,
    ])()
  }

  /** A second index beside the counter: where it is used, and where it goes on. */
  running(): readonly string[] {
    const by = this.pick(['w++', 'w++', 'w += 2', 'w -= 1', 'w += k', 'w = (w + 1) | 0'])
    const use = this.pick([
      () => [`o[w++] = ${this.number()}`],
      () => [`p[w] = ${this.number()}`, by],
      () => [by, `t = a[w] * 2`],
      () => [`o[w++] = ${this.leaf()}`, `o[w++] = ${this.leaf()}`],
      () => [`p[i] = a[w] + b[w + 1]`, by],
      () => [`for (let j = 0; j < ${this.pick(['3', 'k'])}; j++) u += a[w++]`],
      () => [`for (let j = 0; j < ${this.pick(['3', 'k', 'i & 3'])}; j++) p[w++] = ${this.leaf()}`],
    ])()
    return this.pick([0, 0, 1]) === 0 ? use : [...use, `if (${this.condition()}) ${this.pick(['break', 'continue'])}`]
  }

  /** State that changes rarely, and nothing else. */
  rare(): string {
    const relation = this.pick(['<', '>', '<=', '>='])
    const value = this.pick([this.element(), this.element(), this.number()]).replace(/\b[tu]\b/g, 'x')
    const other = this.pick(['', `else if (v ${this.pick(['>', '<='])} m) { m = v; w = i }`, `else if (q > 3 * i) q--`])
    const more = this.pick(['q = i', 'q = i; s++', 'q = i; w = q - s', 'q++'])
    const guard = this.pick(['', '', `&& i > ${this.pick(['w', 'k', 'q'])}`, `|| v === m`])
    const wide = this.pick(['const v = ', 'const v = 1 / ', 'let v = b[i] - '])
    return `${wide}${value}\n    if (v ${relation} g ${guard}) { g = v; ${more} } ${other}`
  }

  body(running: boolean): string {
    const count = 1 + this.below(4)
    const plain = Array.from({ length: count }, () => this.statement(false))
    const lines = running ? [...plain.slice(1), ...this.running(), ...plain.slice(0, 1)] : plain
    const early = (text: string, names: RegExp): string => text.replace(names, '2')
    const first = `let t = ${early(this.number(), /\b[tu]\b/g)}`
    const second = `let u = ${early(this.leaf(), /\bu\b/g)}`
    return [first, second, ...lines, 'o[i] = t + u'].map(line => `    ${line}`).join('\n')
  }
}

export function loopProgram(seed: number): LoopProgram {
  const narrow = seed % 3 === 0
  const random = new Generator(seed, narrow)
  const bound = random.pick(['n', 'n', 'n - 1', 'a.length', 'o.length'])
  const step = random.pick(['i++', 'i++', 'i++', 'i += 2'])
  const running = seed % 4 === 1
  const source = `function loop(a, b, c, o, p, n, k, x) {
  let s = 1, m = 0.5, q = 0, g = ${random.pick(['-Infinity', 'x', '0', '100', 'a[0]'])}, f = false, e = true, w = ${running ? random.pick(['0', '0', '1', 'k', 'n - 1']) : '0'}
  for (let i = ${random.pick(['0', '0', '0', '1', 'k'])}; i < ${bound}; ${step}) {
${seed % 4 === 3 ? random.rare() : random.body(running)}
  }
  return [s, m, q, g, f, e, w]
}`
  const kinds = Array.from({ length: 5 }, () => random.pick(narrow ? NARROW : KINDS))
  const extra = random.pick([0, 0, 3, -1])
  const fn = new Function(`return ${source}`)() as LoopProgram['fn']
  const scalars = [random.below(4), random.pick([0.5, -2, 1e10, 3])]
  const args = (n: number): readonly unknown[] => [
    ...kinds.map((kind, i) => filled(kind, Math.max(0, (i === 0 ? 4 : 1) * n + extra * (i & 1)), seed + i)),
    n,
    ...scalars,
  ]
  return { source, fn, args }
}

function filled(kind: (typeof KINDS)[number], length: number, seed: number): Typed {
  const made = new kind(length)
  values(length, seed).forEach((x, i) => {
    made[i] = kind === Float64Array || kind === Float32Array || !Number.isFinite(x) ? x : x * 10007
  })
  return made
}

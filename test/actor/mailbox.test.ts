import { describe, expect, test } from 'vitest'
import { type Chunk, Chunks } from '../../runtime/actor/chunks.ts'
import { Mailbox } from '../../runtime/actor/mailbox.ts'

function contents(mailbox: Mailbox): unknown[] {
  const found: unknown[] = []
  mailbox.find(entry => {
    found.push(entry)
    return false
  })
  return found
}

describe('mailbox', () => {
  test('is a queue across chunks, against an array as the model', () => {
    const mailbox = new Mailbox(new Chunks())
    const model: unknown[] = []
    let seed = 1
    const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n
    for (let step = 0; step < 20_000; step++) {
      const grow = step % 4000 < 2500
      if (random(10) < (grow ? 7 : 3)) {
        mailbox.push(step)
        model.push(step)
      } else if (model.length > 0) expect(mailbox.shift()).toBe(model.shift())
      if (model.length > 2 && random(50) === 0) {
        const at = random(model.length)
        expect(mailbox.removeAt(at)).toBe(model.splice(at, 1)[0])
      }
      expect(mailbox.size).toBe(model.length)
      if (random(200) === 0) expect(contents(mailbox)).toEqual(model)
    }
  })

  test('an idle mailbox has no chunk, and a flood leaves none behind', () => {
    const mailbox = new Mailbox(new Chunks())
    for (let i = 0; i < 10_000; i++) mailbox.push(i)
    for (let i = 0; i < 10_000; i++) expect(mailbox.shift()).toBe(i)
    mailbox.push('again')
    expect(mailbox.shift()).toBe('again')
  })

  test('find gives the oldest match from a position on', () => {
    const mailbox = new Mailbox(new Chunks())
    for (const entry of [1, 2, 3, 2, 1, 2]) mailbox.push(entry)
    expect(mailbox.find(entry => entry === 2)).toBe(1)
    expect(mailbox.find(entry => entry === 2, 2)).toBe(3)
    expect(mailbox.find(entry => entry === 9)).toBe(-1)
  })

  test('a predicate that throws leaves everything', () => {
    const mailbox = new Mailbox(new Chunks())
    mailbox.push(1)
    expect(() =>
      mailbox.find(() => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(mailbox.size).toBe(1)
  })
})

/** Counts the chunks that queues ask for after their first. */
class CountingChunks extends Chunks {
  asked = 0

  override after(full: Chunk): Chunk {
    this.asked++
    return super.after(full)
  }
}

describe('chunks', () => {
  test('a second flood takes the large chunks of the first', () => {
    const chunks = new Chunks()
    const fill = (): Set<Chunk> => {
      const taken = new Set<Chunk>()
      const mailbox = new Mailbox(
        new Proxy(chunks, {
          get: (target, key) =>
            key === 'after' ? (full: Chunk) => note(taken, target.after(full)) : Reflect.get(target, key).bind(target),
        }),
      )
      for (let i = 0; i < 100_000; i++) mailbox.push(i)
      for (let i = 0; i < 100_000; i++) expect(mailbox.shift()).toBe(i)
      return new Set([...taken].filter(chunk => chunks.isPooled(chunk)))
    }
    const first = fill()
    expect(first.size).toBeGreaterThan(3)
    expect(fill()).toEqual(first)
  })

  test('nothing of a flood stays in them', () => {
    const chunks = new Chunks()
    const mailbox = new Mailbox(chunks)
    for (let i = 0; i < 40_000; i++) mailbox.push({ i })
    for (let i = 0; i < 40_000; i++) mailbox.shift()
    let chunk = chunks.first()
    for (let i = 0; i < 6; i++) {
      chunk = chunks.after(chunk)
      expect(chunk.every(entry => entry === undefined)).toBe(true)
    }
  })

  test('a queue that is short but never empty does not grow', () => {
    const chunks = new CountingChunks()
    const mailbox = new Mailbox(chunks)
    for (let i = 0; i < 100; i++) mailbox.push(i)
    const { asked } = chunks
    for (let i = 0; i < 100_000; i++) {
      mailbox.push(i + 100)
      expect(mailbox.shift()).toBe(i)
    }
    expect(chunks.asked - asked).toBeLessThanOrEqual(1)
  })
})

function note(taken: Set<Chunk>, chunk: Chunk): Chunk {
  taken.add(chunk)
  return chunk
}

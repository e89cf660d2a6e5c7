import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What lies in the cache folder. */
export interface StoreInfo {
  readonly folder: string
  readonly entries: number
  readonly bytes: number
}

interface FileInfo {
  readonly path: string
  readonly bytes: number
  /** of the last use, milliseconds */
  readonly used: number
}

const SUFFIX = '.iris'
/** After removing, the folder is this much of its limit, so that not every write removes something. */
const ROOM = 0.8
/** One write in so many looks whether the folder has grown too large. */
const LOOK_EVERY = 16

/**
 * Files in a folder that several processes use at once: written aside and renamed, which readers see as a whole or not
 * at all. Whatever the file system refuses makes the cache useless, never an error. The least recently used files go
 * first when the folder is too large.
 */
export class Store {
  readonly folder: string
  readonly #limit: number
  #writes = 0

  /** `limit`: bytes */
  constructor(folder: string, limit: number) {
    this.folder = folder
    this.#limit = limit
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(key)
    const bytes = await quietly(readFile(path))
    if (bytes) {
      const now = new Date()
      void quietly(utimes(path, now, now))
    }
    return bytes
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key)
    const aside = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
    await quietly(mkdir(join(path, '..'), { recursive: true }))
    await quietly(writeFile(aside, bytes).then(() => rename(aside, path)))
    await quietly(rm(aside, { force: true }))
    if (this.#writes++ % LOOK_EVERY === 0) await this.trim()
  }

  /** Removes the least recently used files until the folder is within its limit. */
  async trim(): Promise<void> {
    const files = await this.#files()
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    if (bytes <= this.#limit) return
    for (const file of files.sort((a, b) => a.used - b.used)) {
      if (bytes <= this.#limit * ROOM) return
      await quietly(rm(file.path, { force: true }))
      bytes -= file.bytes
    }
  }

  async info(): Promise<StoreInfo> {
    const files = await this.#files()
    return { folder: this.folder, entries: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) }
  }

  /** Removes every entry; gives what there was. */
  async clear(): Promise<StoreInfo> {
    const found = await this.info()
    for (const file of await this.#files()) await rm(file.path, { force: true })
    return found
  }

  /** Entries, and what interrupted writes have left. */
  async #files(): Promise<FileInfo[]> {
    const names = (await quietly(readdir(this.folder, { recursive: true }))) ?? []
    const files = names
      .filter(name => name.includes(SUFFIX))
      .map(async (name): Promise<FileInfo | undefined> => {
        const path = join(this.folder, name)
        const found = await quietly(stat(path))
        return found?.isFile() ? { path, bytes: found.size, used: found.mtimeMs } : undefined
      })
    return (await Promise.all(files)).filter(file => file !== undefined)
  }

  #pathOf(key: string): string {
    return join(this.folder, key.slice(0, 2), key.slice(2) + SUFFIX)
  }
}

/** Undefined where the file system refuses. */
async function quietly<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return undefined
  }
}

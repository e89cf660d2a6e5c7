import { IrisError } from '../../base/diagnostic.ts'
import type { ExitStep } from './lifecycle.ts'
import type { Pid } from './pid.ts'
import { extrasOf, type Process } from './process.ts'
import { checkName } from './registry.ts'
import { liveProcessOf } from './resolve.ts'

/** `['svc', 'a']` of `/svc/a`; none of `/`. Throws IRIS6009 for anything else. */
export function segmentsOf(path: string): string[] {
  checkName(path, 'path')
  if (path === '/') return []
  const [first, ...segments] = path.split('/')
  if (first !== '') throw new IrisError('IRIS6009', { what: 'path', reason: 'it does not begin with `/`' })
  if (segments.includes('')) throw new IrisError('IRIS6009', { what: 'path', reason: 'it has an empty segment' })
  return segments
}

export function joinSegments(segments: readonly string[]): string {
  return `/${segments.join('/')}`
}

class Node<T> {
  readonly children = new Map<string, Node<T>>()
  value: T | undefined = undefined
}

/** Values by path; a prefix means whole segments, so `/svc/a` is no prefix of `/svc/ab`. */
export class PathTree<T> {
  readonly #root = new Node<T>()

  get(path: string): T | undefined {
    return this.#node(segmentsOf(path))?.value
  }

  set(path: string, value: T): void {
    let node = this.#root
    for (const segment of segmentsOf(path)) {
      let child = node.children.get(segment)
      if (child === undefined) node.children.set(segment, (child = new Node()))
      node = child
    }
    node.value = value
  }

  delete(path: string): boolean {
    const trail = [this.#root]
    const segments = segmentsOf(path)
    for (const segment of segments) {
      const child = trail.at(-1)!.children.get(segment)
      if (child === undefined) return false
      trail.push(child)
    }
    const node = trail.at(-1)!
    const found = node.value !== undefined
    node.value = undefined
    prune(trail, segments)
    return found
  }

  /** The value at the longest prefix of the path, itself included. */
  nearest(path: string): T | undefined {
    let node: Node<T> | undefined = this.#root
    let found = node.value
    for (const segment of segmentsOf(path)) {
      node = node.children.get(segment)
      if (node === undefined) break
      found = node.value ?? found
    }
    return found
  }

  /** Everything strictly below the prefix, at most `depth` segments below. */
  below(prefix: string, depth = Number.POSITIVE_INFINITY): [path: string, value: T][] {
    const segments = segmentsOf(prefix)
    const start = this.#node(segments)
    const found: [string, T][] = []
    const visit = (node: Node<T>, at: string[], left: number): void => {
      for (const [segment, child] of node.children) {
        const path = [...at, segment]
        if (child.value !== undefined) found.push([joinSegments(path), child.value])
        if (left > 1) visit(child, path, left - 1)
      }
    }
    if (start !== undefined) visit(start, segments, depth)
    return found
  }

  #node(segments: readonly string[]): Node<T> | undefined {
    let node: Node<T> | undefined = this.#root
    for (const segment of segments) {
      node = node.children.get(segment)
      if (node === undefined) return undefined
    }
    return node
  }
}

function prune<T>(trail: Node<T>[], segments: readonly string[]): void {
  for (let i = segments.length; i > 0; i--) {
    const node = trail[i]!
    if (node.value !== undefined || node.children.size > 0) return
    trail[i - 1]!.children.delete(segments[i - 1]!)
  }
}

/** Hierarchical names of actors. An actor may have several; each is free as soon as the actor leaves. */
export class Paths implements ExitStep {
  readonly #tree = new PathTree<Process>()

  register(path: string, pid: Pid): void {
    this.bind(path, liveProcessOf(pid))
  }

  bind(path: string, process: Process): void {
    const taken = this.#tree.get(path)
    if (taken !== undefined) throw new IrisError('IRIS6007', { name: path, pid: String(taken.pid) })
    if (path === '/') throw new IrisError('IRIS6009', { what: 'path', reason: 'the root is no actor' })
    const extras = extrasOf(process)
    extras.paths ??= new Set()
    extras.paths.add(path)
    this.#tree.set(path, process)
  }

  unregister(path: string): boolean {
    this.#tree.get(path)?.extras?.paths?.delete(path)
    return this.#tree.delete(path)
  }

  whereis(path: string): Pid | undefined {
    return this.#tree.get(path)?.pid
  }

  children(prefix: string): [path: string, pid: Pid][] {
    return this.#tree.below(prefix).map(([path, process]) => [path, process.pid])
  }

  directChildren(prefix: string): [path: string, pid: Pid][] {
    return this.#tree.below(prefix, 1).map(([path, process]) => [path, process.pid])
  }

  /** Gives a dead actor's paths to its replacement, as far as nobody else has taken them. */
  inherit(from: Process, to: Process): void {
    for (const path of from.extras?.paths ?? []) if (this.#tree.get(path) === undefined) this.bind(path, to)
  }

  leave(process: Process): void {
    for (const path of process.extras?.paths ?? []) this.#tree.delete(path)
  }
}

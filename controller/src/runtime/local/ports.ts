/** Finds TCP ports for a replica: the same as last time where they are free, else others of the range. */
import { createServer } from 'node:net'
import type { NamedPort, SlotRef } from '../runtime.ts'
import { findPortHolder } from './port-holder.ts'

export interface PortRange {
  readonly first: number
  readonly last: number
}

export type Allocation =
  { readonly ok: true; readonly ports: readonly NamedPort[] } | { readonly ok: false; readonly message: string }

export interface AllocationRequest {
  readonly slot: SlotRef
  /** 0 = any of the range. */
  readonly wanted: readonly NamedPort[]
  /** What the slot had before. */
  readonly previous: readonly NamedPort[]
  /** What other slots have or had: not given away while there is anything else. */
  readonly taken: ReadonlySet<number>
}

export class PortAllocator {
  readonly #range: PortRange
  /** Given away a moment ago; the new owner has not bound them yet. */
  readonly #reserved = new Set<number>()

  readonly #serviceOfPid: (pid: number) => string | undefined

  /** `serviceOfPid`: `namespace/name` of the service that a process belongs to, for messages. */
  constructor(range: PortRange, serviceOfPid: (pid: number) => string | undefined) {
    this.#range = range
    this.#serviceOfPid = serviceOfPid
  }

  async allocate(request: AllocationRequest): Promise<Allocation> {
    const ports: NamedPort[] = []
    for (const { name, port } of request.wanted) {
      const found = port === 0 ? await this.#find(request, name, ports) : await this.#fixed(port)
      if (found === undefined) return { ok: false, message: await this.#sentence(name, port) }
      ports.push({ name, port: found })
    }
    return { ok: true, ports }
  }

  async #sentence(name: string, port: number): Promise<string> {
    if (port !== 0)
      return `Port ${String(port)} (${name}) is taken by ${await this.#holderOf(port)}. End it, or declare "port: 0" to have a free one allocated.`
    const { first, last } = this.#range
    return `No port between ${String(first)} and ${String(last)} is free for ${name}.`
  }

  async #holderOf(port: number): Promise<string> {
    const holder = await findPortHolder(port)
    if (holder === undefined) return 'a process of another user'
    const process = `process ${String(holder.pid)}${holder.command === '' ? '' : ` (${holder.command})`}`
    const service = this.#serviceOfPid(holder.pid)
    return service === undefined ? process : `the service ${service}, ${process}`
  }

  async #fixed(port: number): Promise<number | undefined> {
    return (await isFree(port)) ? port : undefined
  }

  async #find(request: AllocationRequest, name: string, mine: readonly NamedPort[]): Promise<number | undefined> {
    for (const port of this.#candidates(request, name)) {
      if (this.#reserved.has(port) || mine.some((other) => other.port === port)) continue
      this.#reserved.add(port)
      // Long enough for a service to bind it; a slow one keeps it by being its slot's previous port.
      setTimeout(() => this.#reserved.delete(port), 10_000).unref()
      if (await isFree(port)) return port
      this.#reserved.delete(port)
    }
    return undefined
  }

  *#candidates({ slot, previous, taken }: AllocationRequest, name: string): Generator<number> {
    const before = previous.find((port) => port.name === name)?.port
    if (before !== undefined) {
      // It is the slot's own: reserved by its last start at most.
      this.#reserved.delete(before)
      yield before
    }
    const { first, last } = this.#range
    const size = last - first + 1
    const start = hash(`${slot.uid}/${String(slot.ordinal)}/${name}`) % size
    for (let step = 0; step < size; step += 1) {
      const port = first + ((start + step) % size)
      if (!taken.has(port)) yield port
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => {
      resolve(false)
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}

function hash(text: string): number {
  let value = 0
  for (const character of text) value = (Math.imul(value, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  return value
}

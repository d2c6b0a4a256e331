/**
 * Who has what of the host, and who waits for it in which order. Decides in one step for all, so that two can never have
 * the same; knows no processes, no clock and no services but their names.
 */
import type { Key } from '@orc/schemas'
import type { HostCapacity, Requests } from '../runtime/runtime.ts'
import { NOTHING, type Claim } from '../plan/claims.ts'
import type { Shortage } from '../plan/world.ts'

const RESOURCES = ['cpuMillis', 'memoryBytes'] as const

interface Waiter {
  readonly key: Key
  readonly slot: string
  readonly ordinal: number
  readonly wants: Requests
  readonly priority: number
  readonly sinceMs: number
}

export interface Bid {
  readonly claims: readonly Claim[]
  /** Higher first. */
  readonly priority: number
  readonly nowMs: number
}

export class Ledger {
  readonly #host: HostCapacity
  readonly #holds = new Map<Key, ReadonlyMap<string, Requests>>()
  #used = NOTHING
  /** In the order in which they are admitted. */
  #queue: readonly Waiter[] = []
  /** Those whose wish is larger than the host, by key: they are in nobody's way. */
  readonly #hopeless = new Map<Key, readonly Waiter[]>()
  #isOpen = false

  constructor(host: HostCapacity) {
    this.#host = host
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get used(): Requests {
    return this.#used
  }

  get waiting(): number {
    return this.#queue.length + [...this.#hopeless.values()].flat().length
  }

  knows(key: Key): boolean {
    return this.#holds.has(key) || this.#hopeless.has(key) || this.#queue.some((waiter) => waiter.key === key)
  }

  /** From now on room is given; before, what is there is only taken down. Returns who has something new to look at. */
  open(): ReadonlySet<Key> {
    this.#isOpen = true
    return new Set(this.#admit())
  }

  /**
   * Takes in all that a service claims now: what it no longer claims is given back, and whoever waits in front is
   * admitted as far as there is room. Returns the other services for which something is different now.
   */
  update(key: Key, { claims, priority, nowMs }: Bid): ReadonlySet<Key> {
    const before = { used: this.#used, queue: this.#queue }
    const known = new Map(this.#queue.filter((waiter) => waiter.key === key).map((waiter) => [waiter.slot, waiter]))
    const holds = new Map<string, Requests>()
    const waiters: Waiter[] = []
    for (const { slot: ref, has, wants } of claims) {
      const slot = nameOf(ref)
      const base = this.hold(key, ref) ?? has
      if (wants !== undefined && covers(base ?? NOTHING, wants)) {
        if (wants.cpuMillis + wants.memoryBytes > 0) holds.set(slot, wants)
        continue
      }
      if (base !== undefined) holds.set(slot, base)
      if (wants === undefined) continue
      const sinceMs = known.get(slot)?.sinceMs ?? nowMs
      waiters.push({ key, slot, ordinal: ref.ordinal, wants, priority, sinceMs })
    }
    this.#setHolds(key, holds)
    const hopeless = waiters.filter((waiter) => !covers(this.#host.allocatable, waiter.wants))
    if (hopeless.length > 0) this.#hopeless.set(key, hopeless)
    else this.#hopeless.delete(key)
    const hopeful = waiters.filter((waiter) => !hopeless.includes(waiter))
    const others = this.#queue.filter((waiter) => waiter.key !== key)
    this.#queue =
      hopeful.length === 0 && others.length === this.#queue.length ? others : [...others, ...hopeful].toSorted(inOrder)
    const admitted = this.#isOpen ? this.#admit() : []
    const concerned = new Set([...admitted, ...this.#told(before)])
    concerned.delete(key)
    return concerned
  }

  /** What is reserved for a replica; undefined = it was never admitted, or has given its place back. */
  hold(key: Key, ref: Claim['slot']): Requests | undefined {
    return this.#holds.get(key)?.get(nameOf(ref))
  }

  /** Why a replica has not what it wants; undefined when it has. */
  shortage(key: Key, ref: Claim['slot']): Shortage | undefined {
    const slot = nameOf(ref)
    const isIt = (waiter: Waiter): boolean => waiter.key === key && waiter.slot === slot
    const hopeless = this.#hopeless.get(key)?.find(isIt)
    const waiter = hopeless ?? this.#queue.find(isIt)
    if (waiter === undefined) return undefined
    const first = this.#queue[0]
    const isBehind = hopeless === undefined && first !== undefined && first !== waiter
    return {
      needs: minus(waiter.wants, this.#baseOf(waiter)),
      free: minus(this.#host.allocatable, this.#used),
      host: this.#host,
      type: hopeless === undefined ? 'Now' : 'Never',
      ...(isBehind && first.key !== key ? { first: first.key.slice(first.key.indexOf('/') + 1) } : {}),
    }
  }

  /** Whoever is in front and does not fit is passed by nobody. */
  #admit(): readonly Key[] {
    const admitted: Key[] = []
    for (let [first] = this.#queue; first !== undefined && this.#fits(first); [first] = this.#queue) {
      this.#setHolds(first.key, new Map([...(this.#holds.get(first.key) ?? []), [first.slot, first.wants]]))
      this.#queue = this.#queue.slice(1)
      admitted.push(first.key)
    }
    return admitted
  }

  #fits(waiter: Waiter): boolean {
    const needs = minus(waiter.wants, this.#baseOf(waiter))
    return RESOURCES.every(
      (resource) => needs[resource] === 0 || this.#used[resource] + needs[resource] <= this.#host.allocatable[resource],
    )
  }

  #baseOf({ key, slot }: Waiter): Requests {
    return this.#holds.get(key)?.get(slot) ?? NOTHING
  }

  #setHolds(key: Key, holds: ReadonlyMap<string, Requests>): void {
    const before = sum([...(this.#holds.get(key)?.values() ?? [])])
    const after = sum([...holds.values()])
    this.#used = {
      cpuMillis: this.#used.cpuMillis - before.cpuMillis + after.cpuMillis,
      memoryBytes: this.#used.memoryBytes - before.memoryBytes + after.memoryBytes,
    }
    if (holds.size === 0) this.#holds.delete(key)
    else this.#holds.set(key, holds)
  }

  /** Those that wait and read something else now: all when the room changed, else those behind the first change. */
  #told(before: { readonly used: Requests; readonly queue: readonly Waiter[] }): readonly Key[] {
    const isSame = RESOURCES.every((resource) => before.used[resource] === this.#used[resource])
    const names = before.queue.map((waiter) => idOf(waiter))
    const change = this.#queue.findIndex((waiter, index) => idOf(waiter) !== names[index])
    const from = isSame ? (change < 0 ? this.#queue.length : change) : 0
    return this.#queue.slice(from).map(({ key }) => key)
  }
}

function inOrder(a: Waiter, b: Waiter): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  if (a.sinceMs !== b.sinceMs) return a.sinceMs - b.sinceMs
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.ordinal - b.ordinal
}

function nameOf({ uid, ordinal }: Claim['slot']): string {
  return `${uid}/${String(ordinal)}`
}

function idOf({ key, slot }: Waiter): string {
  return `${key} ${slot}`
}

function covers(a: Requests, b: Requests): boolean {
  return RESOURCES.every((resource) => a[resource] >= b[resource])
}

/** Never below zero. */
function minus(a: Requests, b: Requests): Requests {
  return {
    cpuMillis: Math.max(0, a.cpuMillis - b.cpuMillis),
    memoryBytes: Math.max(0, a.memoryBytes - b.memoryBytes),
  }
}

function sum(amounts: readonly Requests[]): Requests {
  return amounts.reduce(
    (total, { cpuMillis, memoryBytes }) => ({
      cpuMillis: total.cpuMillis + cpuMillis,
      memoryBytes: total.memoryBytes + memoryBytes,
    }),
    NOTHING,
  )
}

/** Brings what services claim before the ledger, and tells the planner which of their replicas have no room. */
import { keyOf, type AgentService, type Key } from '@orc/schemas'
import { claimsOf, NOTHING } from '../plan/claims.ts'
import type { Shortage, World } from '../plan/world.ts'
import type { HostCapacity, ObservedSlot, Requests, SlotRef } from '../runtime/runtime.ts'
import { Ledger } from './ledger.ts'

export interface AdmissionOptions {
  readonly host: HostCapacity
  /** Something is different for this service: it was admitted, or waits for something else. */
  readonly onChange: (key: Key) => void
}

export interface HostShares extends HostCapacity {
  readonly reserved: Requests
  /** Replicas. */
  readonly waiting: number
}

export class Admission {
  readonly #options: AdmissionOptions
  readonly #ledger: Ledger

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#ledger = new Ledger(options.host)
  }

  /** Before it is open nobody is admitted: first all that runs, and all that is wanted, is taken down. */
  open(): void {
    for (const key of this.#ledger.open()) this.#options.onChange(key)
  }

  /** Whether it has something to say about a service: most ask for nothing. */
  concerns(key: Key, service: Pick<AgentService, 'spec'> | undefined, slots: readonly ObservedSlot[]): boolean {
    return (
      service?.spec.resources?.requests !== undefined ||
      this.#ledger.knows(key) ||
      slots.some(({ runs }) => isAnything(runs.at(-1)?.record.requests))
    )
  }

  /** The same world, and in it what the host has no room for. What is claimed and fits is reserved from here on. */
  admit(world: World): World {
    const { service, accepted, nowMs } = world
    const key = keyOf('AgentService', service.namespace, service.name)
    if (!this.concerns(key, accepted, world.slots)) return world
    const claims = claimsOf(world, !this.#ledger.isOpen)
    const concerned = this.#ledger.update(key, { claims, priority: accepted?.spec.priority ?? 0, nowMs })
    for (const other of concerned) this.#options.onChange(other)
    const shortages = new Map<number, Shortage>()
    for (const { slot, mayGoOn } of claims) {
      const shortage = this.#ledger.shortage(key, slot)
      if (shortage === undefined || (mayGoOn && this.#ledger.hold(key, slot) !== undefined)) continue
      shortages.set(slot.ordinal, shortage)
    }
    return { ...world, shortages }
  }

  /** What is reserved for a replica. */
  reservedFor(slot: SlotRef): Requests {
    return this.#ledger.hold(keyOf('AgentService', slot.namespace, slot.name), slot) ?? NOTHING
  }

  shares(): HostShares {
    return { ...this.#options.host, reserved: this.#ledger.used, waiting: this.#ledger.waiting }
  }
}

function isAnything(requests: Requests | undefined): boolean {
  return requests !== undefined && requests.cpuMillis + requests.memoryBytes > 0
}

/** Every slot that has a directory, by its key and by its service. */
import path from 'node:path'
import type { RunRef, ServiceRef, SlotRef } from '../runtime.ts'
import { listDirectory } from './run-directory.ts'
import type { GrowingLog } from './logs/log-keeper.ts'
import type { LoggedRun } from './logs/pod-logs.ts'
import type { StoredLog } from './logs/log-quota.ts'
import type { Run } from './run.ts'
import { Slot } from './slot.ts'

export class SlotTable {
  readonly #runsDir: string
  readonly #slots = new Map<string, Slot>()
  readonly #byService = new Map<string, Set<Slot>>()

  constructor(runsDir: string) {
    this.#runsDir = runsDir
  }

  get all(): readonly Slot[] {
    return [...this.#slots.values()]
  }

  /** Runs that have not ended. */
  get open(): readonly Run[] {
    return this.all.flatMap(({ open }) => open)
  }

  get running(): readonly Run[] {
    return this.open.filter(({ phase }) => phase === 'Running')
  }

  /** Every service that has runs. */
  get services(): readonly ServiceRef[] {
    return [...this.#byService.values()].flatMap((slots) => [...slots].slice(0, 1).map(serviceOf))
  }

  /** The logs of the runs that have not ended. */
  get liveLogs(): readonly GrowingLog[] {
    return this.all.flatMap((slot) =>
      slot.open.map(({ ref, directory, pid }) => ({
        ref,
        logPath: directory.logPath,
        ...(pid === undefined ? {} : { main: pid.main }),
      })),
    )
  }

  /** The logs of every run of a service that is kept. */
  logsOf(service: ServiceRef): readonly StoredLog[] {
    const runs = this.ofService(service).flatMap((slot) => slot.runs)
    return runs.map(({ directory, phase }) => ({ logPath: directory.logPath, ended: phase === 'Ended' }))
  }

  /** Of every run of one replica that is kept, oldest first. */
  logsOfReplica(service: ServiceRef, ordinal: number): LoggedRun[] {
    const runs = this.ofReplicas(service).flatMap((slot) => (slot.ref.ordinal === ordinal ? slot.runs : []))
    return runs.map(({ ref, directory, phase }) => ({
      seq: ref.seq,
      logPath: directory.logPath,
      ended: phase === 'Ended',
    }))
  }

  /** Reads the slots on disk that are not known yet, with their runs; returns them. */
  load(): readonly Slot[] {
    const fresh = slotsOnDisk(this.#runsDir).filter((ref) => this.find(ref) === undefined)
    return fresh.map((ref) => {
      const slot = this.findOrAdd(ref)
      slot.load()
      return slot
    })
  }

  byKey(key: string): Slot | undefined {
    return this.#slots.get(key)
  }

  find(ref: SlotRef): Slot | undefined {
    return this.#slots.get(new Slot(this.#runsDir, ref).key)
  }

  findOrAdd(ref: SlotRef): Slot {
    const fresh = new Slot(this.#runsDir, ref)
    const known = this.#slots.get(fresh.key)
    if (known !== undefined) return known
    this.#slots.set(fresh.key, fresh)
    this.#byService.set(serviceKey(ref), (this.#byService.get(serviceKey(ref)) ?? new Set()).add(fresh))
    return fresh
  }

  findRun(ref: RunRef): { readonly slot: Slot; readonly run: Run } | undefined {
    const slot = this.find(ref)
    const run = slot?.runs.find((candidate) => candidate.ref.seq === ref.seq)
    return slot === undefined || run === undefined ? undefined : { slot, run }
  }

  ofService(service: ServiceRef): readonly Slot[] {
    return [...(this.#byService.get(serviceKey(service)) ?? [])]
  }

  ofReplicas(service: ServiceRef): readonly Slot[] {
    return this.ofService(service).filter(({ ref }) => ref.task === undefined)
  }

  ofTasks(service: ServiceRef): readonly Slot[] {
    return this.ofService(service).filter(({ ref }) => ref.task !== undefined)
  }

  /** Every port that another slot had last. */
  portsOfOthers(slot: Slot): Set<number> {
    const others = this.all.filter((other) => other !== slot)
    return new Set(others.flatMap((other) => other.lastPorts.map(({ port }) => port)))
  }

  /** `namespace/name` of the service whose open run it is. */
  serviceOfRun(runId: string | undefined): string | undefined {
    const owner = this.all.find(({ open }) => open.some(({ record }) => record.runId === runId))
    return owner === undefined ? undefined : serviceKey(owner.ref)
  }

  remove(slot: Slot): void {
    this.#slots.delete(slot.key)
    const siblings = this.#byService.get(serviceKey(slot.ref))
    siblings?.delete(slot)
    if (siblings?.size === 0) this.#byService.delete(serviceKey(slot.ref))
  }
}

export function serviceKey({ namespace, name }: ServiceRef): string {
  return `${namespace}/${name}`
}

export function serviceOf({ ref }: Slot): ServiceRef {
  return { namespace: ref.namespace, name: ref.name }
}

function slotsOnDisk(runsDir: string): SlotRef[] {
  const below = (...parts: string[]): string[] => listDirectory(path.join(runsDir, ...parts))
  const services = below().flatMap((namespace) => below(namespace).map((name) => ({ namespace, name })))
  return services.flatMap(({ namespace, name }) =>
    below(namespace, name).flatMap((entry) => {
      const [, ordinal, uid, task] = /^(\d+)-([0-9a-f]{8})(?:\.([a-z0-9-]+))?$/.exec(entry) ?? []
      if (ordinal === undefined || uid === undefined) return []
      return [{ namespace, name, ordinal: Number(ordinal), uid, ...(task !== undefined && { task }) }]
    }),
  )
}

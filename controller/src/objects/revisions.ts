/**
 * What orc remembers of the revisions of each service: what each one was, since when it is in force, and whether it has
 * proven itself or was rejected. One file a service below `<state>/revisions`.
 *
 * Not fsynced, like run directories: what a power cut may lose is whether a revision that runs no more was any good.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { AcceptedSpec } from '@orc/schemas'
import { temporaryNameFor } from './durable-file.ts'
import { readJsonFiles } from './json-files.ts'

export interface Revision {
  /** Hash of the run-relevant fields of `spec`. */
  readonly revision: string
  /** Rises each time a revision comes into force, from 1. */
  readonly number: number
  /** RFC 3339; when it came into force. */
  readonly createdAt: string
  /** The same moment on the boot clock of `bootId`, ms. */
  readonly beganAtMs: number
  readonly bootId: string
  readonly spec: AcceptedSpec
  readonly isProven: boolean
  readonly rejection?: Rejection
}

export interface Rejection {
  /** Why, as a sentence. */
  readonly message: string
  /** Value of the restart annotation then: another one asks to try again. */
  readonly restartedAt: string
}

export interface ServiceId {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

interface Stored extends ServiceId {
  /** Oldest first; the last one is in force. */
  readonly revisions: readonly Revision[]
}

export class Revisions {
  readonly #directory: string
  readonly #stored = new Map<string, Stored>()

  /** `directory` = `<state>/revisions`. */
  constructor(directory: string) {
    this.#directory = directory
  }

  load(onBroken: (file: string, error: unknown) => void): void {
    readJsonFiles<Stored>(this.#directory, (stored) => this.#stored.set(keyOf(stored), stored), onBroken)
  }

  /** Of all services of a namespace, or of all. */
  all(namespace?: string): readonly Stored[] {
    return [...this.#stored.values()].filter((stored) => namespace === undefined || stored.namespace === namespace)
  }

  /** Oldest first; none of an earlier service of the same name. */
  of(service: ServiceId): readonly Revision[] {
    const stored = this.#stored.get(keyOf(service))
    return stored?.uid === service.uid ? stored.revisions : []
  }

  /** A revision comes into force, for the first time or again. `keep`: how many older ones stay. */
  begin(service: ServiceId, fresh: Omit<Revision, 'number' | 'isProven' | 'rejection'>, keep: number): void {
    const known = this.of(service)
    const before = known.find(({ revision }) => revision === fresh.revision)
    const number = (known.at(-1)?.number ?? 0) + 1
    const others = known.filter((other) => other !== before)
    const latestProven = others.findLast(({ isProven }) => isProven)
    const kept = others.filter((other, index) => other === latestProven || index >= others.length - keep)
    this.#write(service, [...kept, { ...fresh, number, isProven: before?.isProven ?? false }])
  }

  /** The spec of the revision in force changed in fields that no process was started with. Written with the next change. */
  refresh(service: ServiceId, spec: AcceptedSpec): void {
    const known = this.of(service)
    const current = known.at(-1)
    if (current === undefined || current.spec === spec) return
    this.#stored.set(keyOf(service), { ...service, revisions: [...known.slice(0, -1), { ...current, spec }] })
  }

  prove(service: ServiceId, revision: string): void {
    this.#change(service, revision, (known) => ({ ...known, isProven: true }))
  }

  reject(service: ServiceId, revision: string, rejection: Rejection): void {
    this.#change(service, revision, (known) => ({ ...known, rejection }))
  }

  /** The service is no longer declared. */
  remove({ namespace, name }: Pick<ServiceId, 'namespace' | 'name'>): void {
    if (!this.#stored.delete(keyOf({ namespace, name }))) return
    rmSync(this.#fileOf({ namespace, name }), { force: true })
  }

  #change(service: ServiceId, revision: string, change: (known: Revision) => Revision): void {
    const known = this.of(service)
    this.#write(
      service,
      known.map((each) => (each.revision === revision ? change(each) : each)),
    )
  }

  #write({ namespace, name, uid }: ServiceId, revisions: readonly Revision[]): void {
    const stored: Stored = { namespace, name, uid, revisions }
    const file = this.#fileOf(stored)
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    const temporary = temporaryNameFor(file)
    writeFileSync(temporary, JSON.stringify(stored), { mode: 0o600 })
    renameSync(temporary, file)
    this.#stored.set(keyOf(stored), stored)
  }

  #fileOf({ namespace, name }: Pick<ServiceId, 'namespace' | 'name'>): string {
    return path.join(this.#directory, namespace, `${name}.json`)
  }
}

function keyOf({ namespace, name }: Pick<ServiceId, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}

/** The specs in force: each object with its identity in the cache, in a record, and with a word on why it is as it is. */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Declared, Judgement, Key, KubeObject, Reason } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock.ts'
import type { ObjectRecord, ObjectRecords } from '../objects/object-records.ts'
import { foldSecret } from '../objects/secret.ts'
import { splitAnnotations, type Annotations } from './api-annotations.ts'

export interface AcceptedObjectsOptions {
  readonly cache: Cache
  readonly records: ObjectRecords
  readonly clock: Clock
  /** The acceptance of an object changed, though the object may not have. */
  readonly onAcceptance: (key: Key) => void
}

const ACCEPTED: Judgement = {
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: 'The declared spec is in force.',
}

export class AcceptedObjects {
  readonly #options: AcceptedObjectsOptions
  readonly #acceptance = new Map<Key, Judgement>()

  constructor(options: AcceptedObjectsOptions) {
    this.#options = options
  }

  acceptance(key: Key): Judgement {
    return this.#acceptance.get(key) ?? ACCEPTED
  }

  /** Every object that is remembered, whether a file declares it or not. */
  keys(): readonly Key[] {
    return this.#options.records.keys()
  }

  has(key: Key): boolean {
    return this.#options.records.get(key) !== undefined
  }

  /** The file that declared it last. */
  sourceOf(key: Key): string | undefined {
    return this.#options.records.get(key)?.source
  }

  /** What is declared comes into force. Recorded on the disk when it resolves. */
  async accept(key: Key, source: string, object: Declared): Promise<void> {
    const known = this.#options.records.get(key)
    const next = this.#nextRecord(known, source, object)
    if (next !== known) await this.#options.records.save(key, next)
    this.#judge(key, ACCEPTED)
    this.publish(key)
  }

  /** The object as it would be shown if this came into force. Changes nothing. */
  preview(key: Key, object: Declared): KubeObject {
    const { cache, records } = this.#options
    const known = records.get(key)
    const { own, api } = splitAnnotations(object)
    const record = { ...this.#nextRecord(known, known?.source ?? '', own), apiAnnotations: api }
    const current = cache.get<Shown>(key)
    const shown = shownOf(record, current?.status)
    const { resourceVersion } = current?.metadata ?? {}
    return resourceVersion === undefined ? shown : { ...shown, metadata: { ...shown.metadata, resourceVersion } }
  }

  /** What was accepted last stays in force, also when this controller has just started; the sentence says why. */
  keep(key: Key, reason: Reason, message: string): void {
    if (!this.has(key)) return
    this.#judge(key, { type: 'Accepted', status: 'False', reason, message })
    this.publish(key)
  }

  /** Puts the accepted object into the cache, with the status that is there. */
  publish(key: Key): void {
    const { cache, records } = this.#options
    const record = records.get(key)
    if (record !== undefined) cache.put(shownOf(record, cache.get<Shown>(key)?.status))
  }

  /** What tools keep on the object for themselves. Recorded on the disk when it resolves. */
  async setApiAnnotations(key: Key, annotations: Annotations): Promise<void> {
    const { records } = this.#options
    const record = records.get(key)
    if (record === undefined || isDeepStrictEqual(record.apiAnnotations ?? {}, annotations)) return
    await records.save(key, { ...record, apiAnnotations: annotations })
    this.publish(key)
  }

  async remove(key: Key): Promise<void> {
    this.#acceptance.delete(key)
    await this.#options.records.remove(key)
    this.#options.cache.delete(key)
  }

  /** The very record that is known when nothing changes. */
  #nextRecord(known: ObjectRecord | undefined, source: string, object: Declared): ObjectRecord {
    if (known === undefined)
      return {
        uid: randomUUID(),
        creationTimestamp: new Date(this.#options.clock.wallMs()).toISOString(),
        generation: 1,
        source,
        accepted: object,
      }
    if (known.source === source && isDeepStrictEqual(known.accepted, object)) return known
    const changed = !isDeepStrictEqual(contentOf(known.accepted), contentOf(object))
    return { ...known, generation: known.generation + (changed ? 1 : 0), source, accepted: object }
  }

  #judge(key: Key, judgement: Judgement): void {
    const before = this.acceptance(key)
    this.#acceptance.set(key, judgement)
    if (before.status !== judgement.status || before.message !== judgement.message) this.#options.onAcceptance(key)
  }
}

type Shown = KubeObject & { readonly status?: unknown }

function shownOf(record: ObjectRecord, status: unknown): Shown {
  const { accepted, uid, generation, creationTimestamp, apiAnnotations = {} } = record
  const object = foldSecret(accepted)
  const annotations = { ...object.metadata.annotations, ...apiAnnotations }
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(Object.keys(apiAnnotations).length > 0 && { annotations }),
      uid,
      generation,
      creationTimestamp,
    },
    ...(status === undefined ? {} : { status }),
  }
}

/** What counts for `generation`: everything outside metadata. */
function contentOf({ metadata: _metadata, ...content }: Declared): unknown {
  return content
}

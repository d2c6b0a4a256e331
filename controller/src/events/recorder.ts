/**
 * Tells what happened as core/v1 Events, as the recorder of client-go does: the same again raises a count, ever other
 * words of the same are gathered into one event, and an object that never rests slows nobody down.
 *
 * The latest hour is in the cache, where it is listed and watched; history has more.
 */
import {
  DEFAULT_NAMESPACE,
  keyOf,
  keyOfObject,
  splitKey,
  type InvolvedObject,
  type KubeEvent,
  type Key,
  type Reason,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock.ts'
import { derivedUid } from '../objects/derived-uid.ts'
import type { EventLog } from '../ports/history.ts'
import { SpamFilter } from './spam-filter.ts'

export interface Occurrence {
  readonly object: InvolvedObject
  readonly type: KubeEvent['type']
  readonly reason: Reason
  /** One or two sentences. What is told of the same thing again should be told in the same words. */
  readonly message: string
  /** Wall clock, ms; absent = now. */
  readonly atMs?: number
}

/** As in Kubernetes. */
export const SHOWN_MS = 3_600_000
export const MOST_PER_NAMESPACE = 1000
const ROOM = MOST_PER_NAMESPACE / 10
const LONGEST_MESSAGE = 1024
const SWEEP_MS = 60_000
/** So many different messages for one reason of one object in this time are told apart; see client-go's EventAggregator. */
const SIMILAR = { most: 10, withinMs: 600_000, prefix: '(combined from similar events): ' } as const

/** Where an event is, and what came of it that has not been shown yet. */
interface Known {
  readonly key: Key
  unshown: number
}

export interface RecorderOptions {
  readonly cache: Cache
  readonly clock: Clock
  readonly log: EventLog
}

export class Recorder {
  readonly #options: RecorderOptions
  readonly #spam: SpamFilter
  readonly #known = new Map<string, Known>()
  readonly #identities = new Map<Key, string>()
  /** Events by namespace. */
  readonly #counts = new Map<string, number>()
  /** When each message of a group came last, by group. */
  readonly #similar = new Map<string, Map<string, number>>()
  #cancelSweep: (() => void) | undefined
  #sequence = 0
  #dropped = 0

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#spam = new SpamFilter(options.clock)
  }

  /** New events that were not told because their objects had too many. */
  get dropped(): number {
    return this.#dropped
  }

  /** Takes over what an earlier controller told, the latest first. */
  load(events: readonly KubeEvent[]): void {
    for (const event of events.toReversed()) {
      const group = groupOf(event)
      const isCombined = event.message.startsWith(SIMILAR.prefix)
      if (!isCombined) this.#similarOf(group).set(event.message, Date.parse(event.lastTimestamp))
      this.#show(isCombined ? group : identityOf(group, event.message), event)
    }
  }

  record(occurrence: Occurrence): void {
    const wallMs = this.#options.clock.wallMs()
    const atMs = Math.min(occurrence.atMs ?? wallMs, wallMs)
    // What was found too late is history, which has it by other ways.
    if (wallMs - atMs >= SHOWN_MS) return
    const group = groupOf(occurrence)
    const said = occurrence.message.slice(0, LONGEST_MESSAGE)
    const isCombined = this.#isOneOfMany(group, said, atMs)
    const identity = isCombined ? group : identityOf(group, said)
    const known = this.#known.get(identity)
    const before = known === undefined ? undefined : this.#options.cache.get<KubeEvent>(known.key)
    if (!this.#spam.admits(subjectOf(occurrence.object))) {
      if (known === undefined) this.#dropped += 1
      else known.unshown += 1
      return
    }
    const message = isCombined ? `${SIMILAR.prefix}${said}`.slice(0, LONGEST_MESSAGE) : said
    const event =
      before === undefined
        ? this.#eventOf({ ...occurrence, message }, atMs)
        : again(before, { message, atMs, times: 1 + (known?.unshown ?? 0) })
    this.#show(identity, event)
    this.#options.log.recordEvent(event)
  }

  close(): void {
    this.#cancelSweep?.()
  }

  #eventOf({ object, type, reason, message }: Occurrence, atMs: number): KubeEvent {
    const time = new Date(atMs).toISOString()
    this.#sequence += 1
    // As client-go names events: the object, and the time in ns.
    const stamp = (BigInt(atMs) * 1_000_000n + BigInt(this.#sequence % 1_000_000)).toString(16)
    const name = `${object.name.slice(0, 230)}.${stamp}`
    const namespace = object.namespace === '' ? DEFAULT_NAMESPACE : object.namespace
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace, uid: uidOf(namespace, name), creationTimestamp: time },
      involvedObject: object,
      type,
      reason,
      message,
      source: { component: 'orc' },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      reportingComponent: 'orc',
      reportingInstance: '',
    }
  }

  #show(identity: string, event: KubeEvent): void {
    const { cache } = this.#options
    const { namespace = 'default', name } = event.metadata
    const key = keyOf('Event', namespace, name)
    if (!this.#identities.has(key)) this.#makeRoom(namespace)
    cache.put({ ...event, metadata: { ...event.metadata, uid: uidOf(namespace, name) } })
    this.#known.set(identity, { key, unshown: 0 })
    this.#identities.set(key, identity)
    this.#cancelSweep ??= this.#options.clock.setTimer(SWEEP_MS, () => {
      this.#cancelSweep = undefined
      this.#sweep()
    })
  }

  #makeRoom(namespace: string): void {
    const count = (this.#counts.get(namespace) ?? 0) + 1
    this.#counts.set(namespace, count)
    if (count <= MOST_PER_NAMESPACE) return
    // Some at once: to look for the oldest one again and again would cost more than all the rest.
    const oldestFirst = this.#options.cache
      .list<KubeEvent>('Event', namespace)
      .toSorted((a, b) => (a.lastTimestamp < b.lastTimestamp ? -1 : 1))
    for (const event of oldestFirst.slice(0, ROOM)) this.#forget(keyOfObject(event))
  }

  #sweep(): void {
    const { cache, clock } = this.#options
    const sinceMs = clock.wallMs() - SHOWN_MS
    for (const event of cache.list<KubeEvent>('Event'))
      if (Date.parse(event.lastTimestamp) <= sinceMs) this.#forget(keyOfObject(event))
    for (const [group, messages] of this.#similar) {
      dropOld(messages, clock.wallMs())
      if (messages.size === 0) this.#similar.delete(group)
    }
    this.#spam.sweep()
    if (this.#known.size === 0 && this.#similar.size === 0) return
    this.#cancelSweep ??= clock.setTimer(SWEEP_MS, () => {
      this.#cancelSweep = undefined
      this.#sweep()
    })
  }

  #forget(key: Key): void {
    this.#options.cache.delete(key)
    const { namespace } = splitKey(key)
    const left = (this.#counts.get(namespace) ?? 1) - 1
    if (left > 0) this.#counts.set(namespace, left)
    else this.#counts.delete(namespace)
    const identity = this.#identities.get(key)
    this.#identities.delete(key)
    if (identity !== undefined && this.#known.get(identity)?.key === key) this.#known.delete(identity)
  }

  #similarOf(group: string): Map<string, number> {
    const known = this.#similar.get(group) ?? new Map<string, number>()
    this.#similar.set(group, known)
    return known
  }

  /** Too many other words for the same were used lately. */
  #isOneOfMany(group: string, message: string, atMs: number): boolean {
    const messages = this.#similarOf(group)
    dropOld(messages, atMs)
    if (!messages.has(message) && messages.size >= SIMILAR.most) return true
    messages.set(message, atMs)
    return false
  }
}

function dropOld(messages: Map<string, number>, nowMs: number): void {
  for (const [message, atMs] of messages) if (nowMs - atMs >= SIMILAR.withinMs) messages.delete(message)
}

function again(
  event: KubeEvent,
  { message, atMs, times }: { readonly message: string; readonly atMs: number; readonly times: number },
): KubeEvent {
  const lastTimestamp = new Date(Math.max(atMs, Date.parse(event.lastTimestamp))).toISOString()
  return { ...event, message, lastTimestamp, count: event.count + times }
}

/** Whom an event is about. What has no uid is known by its name. */
function subjectOf({ uid, kind, namespace, name }: InvolvedObject): string {
  return uid === '' ? keyOf(kind, namespace, name) : uid
}

function groupOf(
  said: Pick<Occurrence, 'type' | 'reason'> & ({ readonly object: InvolvedObject } | KubeEvent),
): string {
  return [subjectOf('object' in said ? said.object : said.involvedObject), said.type, said.reason].join('\n')
}

function identityOf(group: string, message: string): string {
  return `${group}\n${message}`
}

function uidOf(namespace: string, name: string): string {
  return derivedUid(`Event/${namespace}/${name}`)
}

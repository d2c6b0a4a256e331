/** Tells every watcher each change after the version that it has seen, exactly once and in order, or that it cannot. */
import { DEFAULT_NAMESPACE } from '@orc/schemas'
import { EventHistory } from './event-history.ts'
import { versionOf, Gone, type WatchEvent } from './watch-event.ts'
import { Backlog, type Watch } from './watch.ts'

export interface WatchOptions {
  readonly kind: string
  /** Absent: all namespaces. */
  readonly namespace?: string
  /** The version of a list or of the last event seen: the first event is the next one after it. */
  readonly afterResourceVersion: string
  /** How many events may wait for the reader before the watch ends as `gone`; default 1024. */
  readonly maxPending?: number
}

export interface WatchHubOptions {
  /** This boot's first version, older than every event; what is older still belongs to a boot whose events are lost. */
  readonly firstVersion: number
  /** How many events of all kinds together can be told again, at least 1; default 4096. */
  readonly historySize?: number
}

/**
 * - Nothing is missed between history and live: `watch` takes both in one step.
 * - The versions that a watch delivers rise strictly. Versions order the events of all kinds.
 * - A slow reader delays nobody; it loses its watch, never single events.
 * - An event costs O(watchers of its kind), a new watch O(events since its version).
 */
export class WatchHub {
  readonly #history: EventHistory
  readonly #watchers = new Map<string, Set<Watcher>>()
  #latest: number

  constructor({ firstVersion, historySize = 4096 }: WatchHubOptions) {
    this.#history = new EventHistory(historySize, firstVersion)
    this.#latest = firstVersion
  }

  /** The version of the latest event; before the first one, this boot's first version. */
  get latestVersion(): number {
    return this.#latest
  }

  /** For the cache alone. The event's version must be above all before it. */
  publish(event: WatchEvent): void {
    const version = versionOf(event)
    if (!(version > this.#latest)) throw new Error(`resourceVersion ${version} does not rise above ${this.#latest}`)
    this.#latest = version
    this.#history.push(event)
    for (const { namespace, backlog } of this.#watchers.get(event.object.kind) ?? []) {
      if (isIn(namespace, event)) backlog.push(event)
    }
  }

  /**
   * Starts to collect at once, before anybody reads. `Gone`: the version is older than the history or this boot, was
   * never handed out, or is none. An open watch costs memory up to its bound, so whoever opens one must read or close it.
   */
  watch({ kind, namespace, afterResourceVersion, maxPending = 1024 }: WatchOptions): Watch | Gone {
    const version = Number(afterResourceVersion)
    if (!(version >= this.#history.floor && version <= this.#latest)) return new Gone(afterResourceVersion)
    const replay = [...this.#history.since(version)].filter(
      (event) => event.object.kind === kind && isIn(namespace, event),
    )
    const watchers = this.#watchersOf(kind)
    const onClose = () => {
      watchers.delete(watcher)
      if (watchers.size === 0) this.#watchers.delete(kind)
    }
    const backlog = new Backlog({ replay, maxPending, version, latest: () => this.#latest, onClose })
    const watcher: Watcher = { namespace, backlog }
    watchers.add(watcher)
    return backlog
  }

  #watchersOf(kind: string): Set<Watcher> {
    const known = this.#watchers.get(kind)
    if (known !== undefined) return known
    const added = new Set<Watcher>()
    this.#watchers.set(kind, added)
    return added
  }
}

interface Watcher {
  readonly namespace: string | undefined
  readonly backlog: Backlog
}

function isIn(namespace: string | undefined, { object }: WatchEvent): boolean {
  return namespace === undefined || namespace === (object.metadata.namespace ?? DEFAULT_NAMESPACE)
}

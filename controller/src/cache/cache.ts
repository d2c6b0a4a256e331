/** What orc knows now: every object of every kind in memory, with a version for each change. */
import { isSameJson, keyOfObject, type Key, type KubeObject } from '@orc/schemas'
import { deepFreeze } from './deep.ts'
import { SortedKeys } from './sorted-keys.ts'
import { WatchHub } from './watch-hub.ts'
import type { WatchEvent } from './watch-event.ts'

export interface CacheOptions {
  /** Hands out a version, above all that were handed out before, also by earlier boots. */
  readonly nextResourceVersion: () => number
  /** See `WatchHubOptions`. */
  readonly historySize?: number
}

/**
 * A listener hears of each change after it is stored and on its way to the watchers, within the `put` or `delete`. It
 * must be quick, must not throw and must not change the cache: it notes the key, and whoever works on it reads afresh.
 */
export type Listener = (key: Key, change: WatchEvent) => void

/**
 * Objects are frozen through and through: what a reader holds never changes, and whoever wants another one puts another.
 * The type that `get` and `list` are asked for is the caller's claim; nothing checks it.
 *
 * Reading the version, a list and opening a watch in one turn of the event loop sees one state: list, take
 * `snapshotVersion`, and a watch from there tells every later change exactly once.
 */
export class Cache {
  /** Where changes are watched; fed by this cache alone. */
  readonly hub: WatchHub
  readonly #nextResourceVersion: () => number
  readonly #objects = new Map<Key, KubeObject>()
  readonly #keys = new Map<string, SortedKeys>()
  readonly #listeners = new Set<Listener>()

  constructor({ nextResourceVersion, historySize }: CacheOptions) {
    this.#nextResourceVersion = nextResourceVersion
    const firstVersion = nextResourceVersion()
    this.hub = new WatchHub({ firstVersion, ...(historySize !== undefined && { historySize }) })
  }

  get<T extends KubeObject>(key: Key): T | undefined {
    return this.#objects.get(key) as T | undefined
  }

  /** Sorted by namespace and name, whatever the order of the puts; costs what it returns. */
  list<T extends KubeObject>(kind: string, namespace?: string): T[] {
    const prefix = namespace === undefined ? `${kind}/` : `${kind}/${namespace}/`
    const keys = this.#keys.get(kind)?.startingWith(prefix) ?? []
    return keys.map((key) => this.#objects.get(key) as T)
  }

  /** The version of the latest change; a list carries it. */
  snapshotVersion(): string {
    return String(this.hub.latestVersion)
  }

  /**
   * Stores the object under its own key with a new `resourceVersion`, whichever it came with, and returns what is
   * stored. Takes its parts over and freezes them. An object that says the same as the stored one changes nothing.
   */
  put<T extends KubeObject>(object: T): T {
    const key = keyOfObject(object)
    const previous = this.#objects.get(key)
    if (previous !== undefined && isSameJson(withVersion(object, previous.metadata.resourceVersion), previous)) {
      return previous as T
    }
    const stored = deepFreeze(withVersion(object, String(this.#nextResourceVersion())))
    this.#objects.set(key, stored)
    if (previous === undefined) this.#keysOf(object.kind).add(key)
    this.#tell(key, previous ? { type: 'MODIFIED', object: stored, previous } : { type: 'ADDED', object: stored })
    return stored
  }

  /** Removes and returns the object, with the version of its removal. */
  delete<T extends KubeObject>(key: Key): T | undefined {
    const previous = this.#objects.get(key)
    if (previous === undefined) return undefined
    const last = deepFreeze(withVersion(previous, String(this.#nextResourceVersion())))
    this.#objects.delete(key)
    this.#keysOf(previous.kind).delete(key)
    this.#tell(key, { type: 'DELETED', object: last, previous })
    return last as T
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tell(key: Key, change: WatchEvent): void {
    this.hub.publish(deepFreeze(change))
    for (const listener of this.#listeners) listener(key, change)
  }

  #keysOf(kind: string): SortedKeys {
    const known = this.#keys.get(kind)
    if (known !== undefined) return known
    const added = new SortedKeys()
    this.#keys.set(kind, added)
    return added
  }
}

function withVersion<T extends KubeObject>(object: T, resourceVersion: string | undefined): T {
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/**
 * Keeps a Namespace in the cache for `default` and for every namespace that an object lives in. A declared one is put
 * there by whoever reads the declaration; here it gets its status.
 */
import { DEFAULT_NAMESPACE, keyOf, splitKey, type Key, type Namespace } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { WatchEvent } from '../cache/watch-event.ts'
import type { Clock } from '../clock.ts'
import { derivedUid } from './derived-uid.ts'

/** What makes a namespace: objects that somebody wanted, and what came of them. Events only tell of others. */
const HELD_KINDS: readonly string[] = ['AgentService', 'ConfigMap', 'Secret', 'Pod']

export interface NamespacesOptions {
  readonly cache: Cache
  readonly clock: Clock
  /** Of this orc: the same namespace elsewhere is another one. */
  readonly instanceId: string
  /** Whether somebody declared it, so that it stays without objects. */
  readonly isDeclared: (key: Key) => boolean
}

export function namespaceKey(name: string): Key {
  return keyOf('Namespace', DEFAULT_NAMESPACE, name)
}

export class Namespaces {
  readonly #options: NamespacesOptions
  /** By namespace, then by kind. */
  readonly #held = new Map<string, Map<string, number>>()
  /** RFC 3339, of the oldest object that was seen. */
  readonly #since = new Map<string, string>()
  readonly #stale = new Set<string>()

  constructor(options: NamespacesOptions) {
    this.#options = options
  }

  /** From now on; the cache must be empty still. */
  follow(): void {
    const { cache, clock } = this.#options
    this.#since.set(DEFAULT_NAMESPACE, new Date(clock.wallMs()).toISOString())
    cache.subscribe((key, change) => {
      this.#onChange(key, change)
    })
    this.#sync(DEFAULT_NAMESPACE)
  }

  /** `2 AgentServices, 1 ConfigMap`, and how many that is together. */
  contentsOf(name: string): { readonly count: number; readonly words: string } {
    const kinds = [...(this.#held.get(name) ?? [])].filter(([, count]) => count > 0)
    return {
      count: kinds.reduce((sum, [, count]) => sum + count, 0),
      words: kinds.map(([kind, count]) => `${String(count)} ${kind}${count === 1 ? '' : 's'}`).join(', '),
    }
  }

  #onChange(key: Key, { type, object }: WatchEvent): void {
    const { kind, namespace, name } = splitKey(key)
    if (kind === 'Namespace') this.#later(name)
    if (!HELD_KINDS.includes(kind) || type === 'MODIFIED') return
    const kinds = this.#held.get(namespace) ?? new Map<string, number>()
    this.#held.set(namespace, kinds.set(kind, (kinds.get(kind) ?? 0) + (type === 'ADDED' ? 1 : -1)))
    const created = object.metadata.creationTimestamp ?? ''
    const since = this.#since.get(namespace)
    if (type === 'ADDED' && created !== '' && (since === undefined || created < since))
      this.#since.set(namespace, created)
    this.#later(namespace)
  }

  /** A listener must not change the cache; many changes of one turn are one look. */
  #later(name: string): void {
    if (this.#stale.size === 0)
      queueMicrotask(() => {
        const names = [...this.#stale]
        this.#stale.clear()
        for (const each of names) this.#sync(each)
      })
    this.#stale.add(name)
  }

  #sync(name: string): void {
    const { cache, isDeclared } = this.#options
    const key = namespaceKey(name)
    if (isDeclared(key)) {
      const declared = cache.get<Namespace>(key)
      if (declared !== undefined) cache.put<Namespace>({ ...declared, status: { phase: 'Active' } })
    } else if (name === DEFAULT_NAMESPACE || this.contentsOf(name).count > 0) cache.put(this.#implied(name))
    else {
      this.#held.delete(name)
      this.#since.delete(name)
      cache.delete(key)
    }
  }

  #implied(name: string): Namespace {
    const { clock, instanceId } = this.#options
    const since = this.#since.get(name) ?? new Date(clock.wallMs()).toISOString()
    this.#since.set(name, since)
    return {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, uid: derivedUid(`${instanceId}/Namespace/${name}`), creationTimestamp: since },
      status: { phase: 'Active' },
    }
  }
}

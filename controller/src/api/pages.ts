/** Long lists in pieces: every page comes from the state that the first one showed. */
import { randomBytes } from 'node:crypto'
import type { KubeObject } from '@orc/schemas'
import type { Clock } from '../clock.ts'
import type { Failure } from './errors.ts'
import { badRequest, expired } from './errors.ts'

export interface Page {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
  /** Where the next page begins; absent on the last one. */
  readonly continue?: string
  readonly remaining: number
}

/** A list at one moment; `scope` says of what, with which selectors. */
export interface Snapshot {
  readonly scope: string
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
}

const LIFE_MS = 5 * 60_000
const MOST_SNAPSHOTS = 32

/** Keeps references only: what is shown is in the cache anyhow, or was a moment ago. */
export class Pages {
  readonly #clock: Clock
  readonly #kept = new Map<string, { readonly snapshot: Snapshot; readonly endMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The first page. No limit: all of it. */
  first(snapshot: Snapshot, limit: number): Page {
    if (limit === 0 || snapshot.items.length <= limit) return cut(snapshot, 0, 0, '')
    this.#dropEnded()
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= MOST_SNAPSHOTS && oldest !== undefined) this.#kept.delete(oldest)
    const id = randomBytes(9).toString('base64url')
    this.#kept.set(id, { snapshot, endMs: this.#clock.nowMs() + LIFE_MS })
    return cut(snapshot, 0, limit, id)
  }

  /** The page where an earlier one said to go on; it can be asked for again. */
  next(token: string, scope: string, limit: number): Page | Failure {
    const [, id, start] = /^([\w-]{12})\.(\d{1,9})$/.exec(token) ?? []
    if (id === undefined) return badRequest('continue is not a token of this server')
    this.#dropEnded()
    const snapshot = this.#kept.get(id)?.snapshot
    if (snapshot === undefined) return expired('The provided continue parameter is too old: list again from the start')
    if (snapshot.scope !== scope) return badRequest('continue belongs to another list')
    return cut(snapshot, Number(start), limit, id)
  }

  #dropEnded(): void {
    for (const [id, { endMs }] of this.#kept) if (endMs <= this.#clock.nowMs()) this.#kept.delete(id)
  }
}

function cut({ items, resourceVersion }: Snapshot, start: number, limit: number, id: string): Page {
  const end = limit === 0 ? items.length : Math.min(start + limit, items.length)
  const remaining = items.length - end
  return {
    items: items.slice(start, end),
    resourceVersion,
    remaining,
    ...(remaining > 0 && { continue: `${id}.${String(end)}` }),
  }
}

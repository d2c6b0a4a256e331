/** A collection of the server as reactive state: what was last known of it, and whether it is being kept fresh. */
import type { KubeObject, ResourceName } from '@orc/schemas'
import { ApiError, reflect, type Collection, type ListOptions, type OrcClient } from '@orc/sdk/client'
import { breakLink, type Link } from '#lib/link.ts'

export class ResourceStore<T extends KubeObject> {
  readonly #resource: ResourceName
  readonly #options: ListOptions
  #collection = $state.raw<Collection<T>>()
  readonly #items = $derived([...(this.#collection?.items.values() ?? [])])
  #link = $state.raw<Link>({ type: 'Connecting' })

  constructor(resource: ResourceName, options: ListOptions = {}) {
    this.#resource = resource
    this.#options = options
  }

  /** What was last known; nothing before the first answer. */
  get items(): readonly T[] {
    return this.#items
  }

  get link(): Link {
    return this.#link
  }

  /** Follows the server until the returned function is called. What is known stays when it is started anew. */
  follow(client: OrcClient): () => void {
    const stop = new AbortController()
    void reflect<T>(
      client,
      this.#resource,
      {
        ...this.#options,
        onChange: (collection) => {
          this.#collection = collection
          if (this.#link.type !== 'Live') this.#link = { type: 'Live' }
        },
        onDisconnect: (error, retryInMs) => {
          this.#link = breakLink(this.#link, { problem: problemOf(error), retryInMs, nowMs: Date.now() })
        },
      },
      stop.signal,
    )
    return () => stop.abort()
  }
}

/** Without the full stop: the page goes on with when it is tried again. */
function problemOf(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
  return error instanceof ApiError ? `orc answered ${String(error.code)}: ${message}` : message
}

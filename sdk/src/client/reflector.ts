/**
 * A local copy of a collection that follows the server: list, then watch, then list again when the server has forgotten
 * where we were (410) or the connection broke. What it holds is never newer than the server, and is at most as old as
 * the last event; `connected` says whether it is being kept fresh.
 */
import { keyOfObject, type Key, type KubeObject, type ResourceName } from '@orc/schemas'
import type { ListOptions, OrcClient, WatchEvent } from './client.ts'
import { delay } from './delay.ts'
import { ApiError } from './errors.ts'

export interface Collection<T> {
  readonly items: ReadonlyMap<Key, T>
  readonly resourceVersion: string
}

/** Pure: the collection after one event. An event that is not newer than what is held changes nothing. */
export function applyWatchEvent<T extends KubeObject>(collection: Collection<T>, event: WatchEvent<T>): Collection<T> {
  if (event.type === 'ERROR') return collection
  const resourceVersion = event.object.metadata.resourceVersion ?? collection.resourceVersion
  if (event.type === 'BOOKMARK') return { items: collection.items, resourceVersion }
  const items = new Map(collection.items)
  if (event.type === 'DELETED') items.delete(keyOfObject(event.object))
  else items.set(keyOfObject(event.object), event.object)
  return { items, resourceVersion }
}

export interface ReflectorEvents<T> {
  /**
   * After each list and after each change. What a list after the first one lacks may only not be there yet: a server
   * that has just started shows projected objects a moment later than others.
   */
  onChange(collection: Collection<T>, cause: 'Listed' | 'Changed'): void
  /** The copy stopped being fresh; it is tried again in `retryInMs`. */
  onDisconnect?(error: unknown, retryInMs: number): void
}

const RETRY_MS = { first: 250, most: 5000 } as const

/** Runs until the signal is aborted. */
export async function reflect<T extends KubeObject>(
  client: OrcClient,
  resource: ResourceName,
  options: ListOptions & ReflectorEvents<T>,
  signal: AbortSignal,
): Promise<void> {
  let retryInMs: number = RETRY_MS.first
  // Once the watch works, the next trouble is a new one.
  const onEvent = (): void => {
    retryInMs = RETRY_MS.first
  }
  while (!signal.aborted) {
    try {
      await listAndWatch(client, resource, { ...options, onEvent }, signal)
    } catch (error) {
      if (isAborted(signal)) return
      const isForgotten = error instanceof ApiError && error.code === 410
      if (!isForgotten) options.onDisconnect?.(error, retryInMs)
    }
    // Also after a watch that ended without an error: a server that ends each at once must not be asked in a spin.
    await delay(retryInMs, signal)
    retryInMs = Math.min(retryInMs * 2, RETRY_MS.most)
  }
}

/** Until the watch ends. */
async function listAndWatch<T extends KubeObject>(
  client: OrcClient,
  resource: ResourceName,
  options: ListOptions & ReflectorEvents<T> & { readonly onEvent: () => void },
  signal: AbortSignal,
): Promise<void> {
  let collection = await listOnce<T>(client, resource, options)
  options.onChange(collection, 'Listed')
  const after = { ...options, resourceVersion: collection.resourceVersion }
  for await (const event of client.watch<T>(resource, after, signal)) {
    if (event.type === 'ERROR') return
    options.onEvent()
    collection = applyWatchEvent(collection, event)
    options.onChange(collection, 'Changed')
  }
}

// A function, so that the compiler does not take an earlier look at the flag for the present one.
const isAborted = (signal: AbortSignal): boolean => signal.aborted

async function listOnce<T extends KubeObject>(
  client: OrcClient,
  resource: ResourceName,
  options: ListOptions,
): Promise<Collection<T>> {
  const list = await client.list<T>(resource, options)
  return {
    items: new Map(list.items.map((item) => [keyOfObject(item), item])),
    resourceVersion: list.metadata.resourceVersion,
  }
}

/** Objects and versions for the tests of this room. */
import { splitKey, type KubeObject } from '@orc/schemas'
import { Cache } from './cache.ts'
import { Gone, type WatchEvent } from './watch-event.ts'
import type { Watch } from './watch.ts'

export interface Thing extends KubeObject {
  readonly value?: { readonly n: number }
}

export function thing(key: string, n?: number, resourceVersion?: string): Thing {
  const { kind, namespace, name } = splitKey(key)
  const metadata = {
    name,
    ...(namespace !== '' && { namespace }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  }
  return { apiVersion: 'v1', kind, metadata, ...(n !== undefined && { value: { n } }) }
}

/** A cache whose versions are 100 (the boot's), 110, 120 and so on. */
export function newCache(historySize?: number): Cache {
  let version = 90
  return new Cache({ nextResourceVersion: () => (version += 10), ...(historySize !== undefined && { historySize }) })
}

export function opened(watch: Watch | Gone): Watch {
  if (watch instanceof Gone) throw new Error(`gone: ${watch.resourceVersion}`)
  return watch
}

/** Reads in the background; what it has read so far is in the array. */
export function readAll(watch: Watch): WatchEvent[] {
  const events: WatchEvent[] = []
  void (async () => {
    for await (const event of watch) events.push(event)
  })()
  return events
}

/** `ADDED Pod/a/x=1@110` */
export function told({ type, object }: WatchEvent): string {
  const { kind, metadata, value } = object as Thing
  return `${type} ${kind}/${metadata.namespace}/${metadata.name}=${value?.n}@${metadata.resourceVersion}`
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What can happen to an object, as the cache tells it and watchers read it. */
import type { KubeObject } from '@orc/schemas'

/** `object.metadata.resourceVersion` is the version of the event, also of DELETED, where the rest is as it last was. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
  /** What was stored before: for watchers that select by content. Absent for ADDED. */
  readonly previous?: KubeObject
}

export function versionOf(event: WatchEvent): number {
  return Number(event.object.metadata.resourceVersion)
}

/** The changes after a version cannot be told any more, or never could: list again and watch from there (HTTP 410). */
export class Gone {
  /** The version asked for, or up to which a slow reader had read. */
  readonly resourceVersion: string

  constructor(resourceVersion: string) {
    this.resourceVersion = resourceVersion
  }
}

/** Which writer changes the objects of which kind. */
import type { Key } from '@orc/schemas'
import type { Cache } from './cache/cache.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import { FileChanges } from './manifests/file-changes.ts'
import { FileWriter } from './manifests/file-writer.ts'
import type { ManifestStore } from './manifests/manifest-store.ts'
import { ManifestWriter } from './manifests/manifest-writer.ts'
import { NamespaceWriter } from './objects/namespace-writer.ts'
import type { Namespaces } from './objects/namespaces.ts'
import type { PodDeletions } from './objects/pod-deletions.ts'
import { PodWriter } from './objects/pod-writer.ts'
import type { SecretStore } from './objects/secret-store.ts'
import type { ObjectWriter } from './ports/object-writer.ts'
import type { Rooms } from './resources/resource.ts'

export interface WritersOptions {
  readonly store: ManifestStore
  readonly cache: Cache
  readonly secrets: SecretStore
  readonly namespaces: Namespaces
  readonly podDeletions: PodDeletions
  /** A pod of this service was deleted. */
  readonly onPodDeletion: (service: Key) => void
  readonly clock: Clock
  readonly log: Log
}

export function createWriters(options: WritersOptions): Rooms['writers'] {
  const { store, cache, secrets, namespaces, podDeletions, onPodDeletion, clock, log } = options
  const changes = new FileChanges(store, log)
  const manifests = new ManifestWriter(store, cache, changes)
  const isDeclared = (key: Key): boolean => store.has(key)
  return {
    manifests,
    files: new FileWriter(store, cache, changes),
    secrets: secretWriter(secrets, manifests),
    namespaces: new NamespaceWriter({ cache, namespaces, declarations: manifests, isDeclared }),
    pods: new PodWriter({ cache, deletions: podDeletions, clock, onDeletion: onPodDeletion }),
  }
}

/** A Secret lives where it came from: in the state directory, or in a manifest. */
function secretWriter(secrets: SecretStore, manifests: ManifestWriter): ObjectWriter {
  const home = (key: Key): ObjectWriter => (secrets.has(key) ? secrets : manifests)
  return {
    create: (object, options) => secrets.create(object, options),
    update: (key, change, options) => home(key).update(key, change, options),
    delete: (key, options) => home(key).delete(key, options),
  }
}

/** Where the objects of a resource come from. */
import { DEFAULT_NAMESPACE, keyOf } from '@orc/schemas'
import type { ObjectSource, Resource, Rooms } from './resource.ts'

export function sourceOf(resource: Resource, rooms: Rooms): ObjectSource {
  if (resource.source !== undefined) return resource.source(rooms)
  const { cache } = rooms
  const { kind, namespaced } = resource.name
  return {
    list: (namespace) => cache.list(kind, namespaced ? namespace : undefined),
    get: (namespace, name) => cache.get(keyOf(kind, namespaced ? namespace : DEFAULT_NAMESPACE, name)),
  }
}

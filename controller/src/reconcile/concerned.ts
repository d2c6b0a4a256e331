/** Which services have to look again because an object changed. */
import { findCondition, keyOf, referencesOf, RESTARTED_AT, splitKey, type AgentService, type Key } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { WatchEvent } from '../cache/watch-event.ts'
import type { Dependencies } from './dependencies.ts'

export interface Concerned {
  readonly hinted: readonly Key[]
  /** What they could not do before may be possible now: they try at once. */
  readonly woken: readonly Key[]
}

export function concerned(
  key: Key,
  change: WatchEvent,
  { cache, dependencies }: { readonly cache: Cache; readonly dependencies: Dependencies },
): Concerned {
  const { kind, namespace } = splitKey(key)
  if (kind === 'ConfigMap' || kind === 'Secret') return { hinted: [], woken: usersOf(key, namespace, cache) }
  if (kind !== 'AgentService') return { hinted: [], woken: [] }
  const service = change.type === 'DELETED' ? undefined : (change.object as AgentService)
  const others = dependencies.update(key, service)
  return { hinted: [...(isWanted(change) ? [key] : []), ...(standsOtherwise(change) ? others : [])], woken: [] }
}

/** Services whose environment mentions the object. */
function usersOf(key: Key, namespace: string, cache: Cache): Key[] {
  const services = cache.list<AgentService>('AgentService', namespace)
  const users = services.filter(({ spec }) => referencesOf(spec, namespace).has(key))
  return users.map(({ metadata }) => keyOf('AgentService', namespace, metadata.name))
}

/** True for a change of the wish, not of the status that the reconciler itself wrote. */
function isWanted(change: WatchEvent): boolean {
  if (change.type !== 'MODIFIED' || change.previous === undefined) return true
  const [before, after] = [change.previous.metadata, change.object.metadata]
  return (
    before.uid !== after.uid ||
    before.generation !== after.generation ||
    before.annotations?.[RESTARTED_AT] !== after.annotations?.[RESTARTED_AT]
  )
}

/** True when services that depend on it, or that it depends on, may have to do something now. */
function standsOtherwise(change: WatchEvent): boolean {
  if (change.type !== 'MODIFIED' || change.previous === undefined) return true
  const [before, after] = [change.previous as AgentService, change.object as AgentService]
  const [was, is] = [before, after].map(({ status }) => findCondition(status?.conditions, 'Ready'))
  return (
    was?.status !== is?.status ||
    was?.reason !== is?.reason ||
    before.status?.replicas !== after.status?.replicas ||
    before.metadata.generation !== after.metadata.generation
  )
}

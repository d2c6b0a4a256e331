/** Which services a service depends on, and whether it comes back to itself that way. */
import type { AgentService } from './generated/index.ts'
import { DEFAULT_NAMESPACE, keyOf, splitKey, type Key } from './resource.ts'

export function dependencyKeys({ metadata, spec }: Pick<AgentService, 'metadata' | 'spec'>): readonly Key[] {
  const home = metadata.namespace ?? DEFAULT_NAMESPACE
  return (spec.dependsOn ?? []).map(({ name, namespace }) => keyOf('AgentService', namespace ?? home, name))
}

/** A way from a service back to itself, both ends included; undefined when there is none. Looks at each service once. */
export function findDependencyCycle(
  start: Key,
  dependenciesOf: (service: Key) => readonly Key[],
): readonly Key[] | undefined {
  const cameFrom = new Map<Key, Key>()
  const open = [start]
  for (let service = open.pop(); service !== undefined; service = open.pop()) {
    for (const next of dependenciesOf(service)) {
      if (next === start) return [...wayTo(service, start, cameFrom), start]
      if (cameFrom.has(next)) continue
      cameFrom.set(next, service)
      open.push(next)
    }
  }
  return undefined
}

function wayTo(service: Key, start: Key, cameFrom: ReadonlyMap<Key, Key>): Key[] {
  const way = [service]
  for (let at: Key | undefined = service; at !== undefined && at !== start;) {
    at = cameFrom.get(at)
    if (at !== undefined) way.unshift(at)
  }
  return way
}

/** `web -> db -> web`; names of the home namespace stand alone, others as `namespace/name`. */
export function cycleSentence(cycle: readonly Key[]): string {
  const home = splitKey(cycle[0] as Key).namespace
  const names = cycle.map((key) => {
    const { namespace, name } = splitKey(key)
    return namespace === home ? name : `${namespace}/${name}`
  })
  return `The service depends on itself: ${names.join(' -> ')}. Remove one of these from a dependsOn.`
}

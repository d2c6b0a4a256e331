/** Puts services in an order: first those that depend on nobody, then those that depend on these, and so on. Pure. */
import { dependencyKeys, keyOfObject, type AgentService, type Key } from '@orc/schemas'

/** `all` may hold more than `chosen`: the way from one to the other may lead through a service that is not chosen. */
export function wavesOf(chosen: readonly AgentService[], all: readonly AgentService[]): readonly AgentService[][] {
  const depths = depthsOf(all)
  const waves: AgentService[][] = []
  for (const service of chosen) (waves[depths.get(keyOfObject(service)) ?? 0] ??= []).push(service)
  return waves.filter((wave) => wave !== undefined)
}

/** How many services stand one below the other under each. Where they depend in a circle, one of them is the lowest. */
function depthsOf(all: readonly AgentService[]): ReadonlyMap<Key, number> {
  const services = new Map(all.map((service) => [keyOfObject(service), service]))
  const depths = new Map<Key, number>()
  const open = new Set<Key>()
  const depthOf = (key: Key): number => {
    const service = services.get(key)
    const known = depths.get(key)
    if (known !== undefined || service === undefined || open.has(key)) return known ?? -1
    open.add(key)
    const depth = 1 + Math.max(-1, ...dependencyKeys(service).map(depthOf))
    open.delete(key)
    depths.set(key, depth)
    return depth
  }
  for (const key of services.keys()) depthOf(key)
  return depths
}

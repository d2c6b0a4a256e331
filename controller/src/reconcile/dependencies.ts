/** Who depends on whom among the services in the cache, and how those stand that others wait for. */
import {
  dependencyKeys,
  findCondition,
  findDependencyCycle,
  keyOf,
  splitKey,
  type AcceptedSpec,
  type AgentService,
  type Key,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { DependencyFact } from '../plan/world.ts'

type Dependency = NonNullable<AcceptedSpec['dependsOn']>[number]

export class Dependencies {
  readonly #cache: Cache
  readonly #of = new Map<Key, readonly Key[]>()
  readonly #dependents = new Map<Key, Set<Key>>()

  constructor(cache: Cache) {
    this.#cache = cache
  }

  /** Takes in that a service changed or went. Returns who should look again: those that depend on it, and it on them. */
  update(key: Key, service: AgentService | undefined): readonly Key[] {
    const before = this.#of.get(key) ?? []
    const after = service === undefined ? [] : dependencyKeys(service)
    for (const other of before) this.#dependents.get(other)?.delete(key)
    for (const other of after) this.#dependents.set(other, (this.#dependents.get(other) ?? new Set()).add(key))
    if (after.length === 0) this.#of.delete(key)
    else this.#of.set(key, after)
    return [...(this.#dependents.get(key) ?? []), ...before, ...after]
  }

  /** How each service that a spec depends on stands. */
  factsOf({ dependsOn = [] }: AcceptedSpec, home: string): readonly DependencyFact[] {
    return dependsOn.map((dependency) => {
      const namespace = dependency.namespace ?? home
      const service = this.#cache.get<AgentService>(keyOf('AgentService', namespace, dependency.name))
      const unmet = service === undefined ? 'it does not exist' : whyUnmet(dependency, service)
      return {
        name: namespace === home ? dependency.name : `${namespace}/${dependency.name}`,
        condition: dependency.condition ?? 'Ready',
        ...(unmet === undefined ? {} : { unmet }),
      }
    })
  }

  /** Services that depend on this one and have processes, except those whose processes nothing ends. */
  liveDependents(key: Key): readonly string[] {
    return [...(this.#dependents.get(key) ?? [])]
      .filter((other) => other !== key && isLive(this.#cache.get<AgentService>(other)))
      .map((other) => splitKey(other).name)
  }

  cycleOf(key: Key): readonly Key[] | undefined {
    if (!this.#of.has(key)) return undefined
    return findDependencyCycle(key, (service) => this.#of.get(service) ?? [])
  }
}

function isLive(service: AgentService | undefined): boolean {
  if ((service?.status?.replicas ?? 0) === 0) return false
  return findCondition(service?.status?.conditions, 'Stalled')?.reason !== 'Unkillable'
}

/** Undefined when it stands as it should; else how it stands. */
function whyUnmet({ condition = 'Ready' }: Dependency, service: AgentService): string | undefined {
  const ready = findCondition(service.status?.conditions, 'Ready')
  const isMet = {
    Ready: ready?.status === 'True' && ready.reason === 'Ready',
    Started: hasAllProcesses(service),
    Completed: ready?.reason === 'Completed',
  }[condition]
  return isMet ? undefined : `it is ${ready?.reason ?? 'not looked at yet'}`
}

function hasAllProcesses({ spec, status }: AgentService): boolean {
  const live = status?.replicas ?? 0
  return live > 0 && live >= (spec.replicas ?? 1)
}

/** What a service needs and what needs it, one step each way, as its manifests declare it. Pure. */
import { DEFAULT_NAMESPACE, type AgentService, type Dependency } from '@orc/schemas'
import type { Presentation } from '#lib/present.ts'
import type { ServiceView } from '#lib/service-view.ts'

export interface Neighbour {
  /** `namespace/name`. */
  readonly id: string
  readonly name: string
  /** What the dependent waits for. */
  readonly condition: NonNullable<Dependency['condition']>
  /** Absent where no such service is declared. */
  readonly view: ServiceView | undefined
}

export interface Neighbours {
  readonly needs: readonly Neighbour[]
  readonly neededBy: readonly Neighbour[]
}

export function neighboursOf(
  service: AgentService,
  services: readonly AgentService[],
  views: readonly ServiceView[],
): Neighbours {
  const viewOf = new Map(views.map((view) => [`${view.namespace}/${view.name}`, view]))
  const own = idOf(service)
  const neighbour = (id: string, { condition = 'Ready' }: Dependency): Neighbour => {
    // The namespace is said where it is another one.
    const name = id.startsWith(`${namespaceOf(service)}/`) ? id.slice(id.indexOf('/') + 1) : id
    return { id, name, condition, view: viewOf.get(id) }
  }
  return {
    needs: dependenciesOf(service).map(([id, dependency]) => neighbour(id, dependency)),
    neededBy: services
      .flatMap((other) =>
        dependenciesOf(other).flatMap(([id, dependency]) => (id === own ? [neighbour(idOf(other), dependency)] : [])),
      )
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  }
}

export const NOT_DECLARED: Pick<Presentation, 'word' | 'icon' | 'role'> = {
  word: 'Not declared',
  icon: 'circle-question-mark',
  role: 'wait',
}

function dependenciesOf(service: AgentService): [id: string, dependency: Dependency][] {
  return (service.spec.dependsOn ?? []).map((dependency) => [
    `${dependency.namespace ?? namespaceOf(service)}/${dependency.name}`,
    dependency,
  ])
}

function idOf(service: AgentService): string {
  return `${namespaceOf(service)}/${service.metadata.name}`
}

function namespaceOf({ metadata }: AgentService): string {
  return metadata.namespace ?? DEFAULT_NAMESPACE
}

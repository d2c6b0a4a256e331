/** Services of the overview in groups and in order, as they were chosen to be shown. Pure. */
import type { Choice, Grouping, Sort } from './choice.ts'
import { groupBy } from './group-by.ts'
import { bySeverity, type Attention } from './present.ts'
import type { ServiceView } from './service-view.ts'

export interface ServiceGroup {
  readonly title: string
  readonly note?: string
  readonly cards: 'wide' | 'narrow'
  readonly services: readonly ServiceView[]
}

/** What a service uses now: cores and bytes; undefined where nothing runs. */
export interface Use {
  readonly cpu: number | undefined
  readonly memory: number | undefined
}

export function arrange(
  services: readonly ServiceView[],
  { group, sort, isDescending }: Pick<Choice, 'group' | 'sort' | 'isDescending'>,
  useOf: (service: ServiceView) => Use,
): readonly ServiceGroup[] {
  const compare = comparisons(useOf)[sort]
  const sorted = services.toSorted((a, b) => (isDescending ? -1 : 1) * compare(a, b) || byName(a, b))
  return groupsOf(sorted, group).filter((one) => one.services.length > 0)
}

const ATTENTION: readonly (readonly [Attention, Omit<ServiceGroup, 'services'>])[] = [
  ['NeedsYou', { title: 'Needs you', cards: 'wide' }],
  ['Changing', { title: 'Held back or changing', note: 'These go on by themselves.', cards: 'wide' }],
  ['AsDeclared', { title: 'As declared', cards: 'narrow' }],
]

function groupsOf(services: readonly ServiceView[], grouping: Grouping): readonly ServiceGroup[] {
  if (grouping === 'none') return [{ title: 'All services', cards: 'narrow', services }]
  if (grouping === 'attention')
    return ATTENTION.map(([attention, group]) => ({
      ...group,
      services: services.filter(({ presentation }) => presentation.attention === attention),
    }))
  const titleOf = (service: ServiceView): string =>
    grouping === 'namespace' ? service.namespace : (service.type ?? 'Without a type')
  return [...groupBy(services, titleOf)]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([title, own]) => ({ title, cards: 'narrow', services: own }))
}

type Compare = (a: ServiceView, b: ServiceView) => number

/** Ascending; for amounts the most comes first, as whoever sorts by them wants to see it. */
function comparisons(useOf: (service: ServiceView) => Use): Readonly<Record<Sort, Compare>> {
  return {
    state: (a, b) => bySeverity(a.presentation, b.presentation),
    name: byName,
    since: (a, b) => (b.sinceMs ?? 0) - (a.sinceMs ?? 0),
    restarts: (a, b) => b.restarts - a.restarts,
    cpu: (a, b) => (useOf(b).cpu ?? -1) - (useOf(a).cpu ?? -1),
    memory: (a, b) => (useOf(b).memory ?? -1) - (useOf(a).memory ?? -1),
  }
}

const byName: Compare = (a, b) => compareText(a.name, b.name) || compareText(a.namespace, b.namespace)

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

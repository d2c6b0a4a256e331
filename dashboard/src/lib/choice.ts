/** Which services of the overview are shown and how: read from the address of the page and written into it. Pure. */
import type { ServiceView } from './service-view.ts'

export const STATES = ['Failing', 'Stalled', 'Waiting', 'Updating', 'Ready', 'Stopped'] as const
export type StateGroup = (typeof STATES)[number]

export const GROUPINGS = ['attention', 'namespace', 'type', 'none'] as const
export type Grouping = (typeof GROUPINGS)[number]

export const SORTS = ['state', 'name', 'since', 'restarts', 'cpu', 'memory'] as const
export type Sort = (typeof SORTS)[number]

export interface Choice {
  /** Part of a name, a namespace, a type or a label. */
  readonly text: string
  /** Empty = all. */
  readonly states: readonly StateGroup[]
  readonly namespace: string
  readonly type: string
  /** `key` or `key=value`. */
  readonly label: string
  readonly group: Grouping
  readonly sort: Sort
  readonly isDescending: boolean
}

const NOTHING: Choice = {
  text: '',
  states: [],
  namespace: '',
  type: '',
  label: '',
  group: 'attention',
  sort: 'state',
  isDescending: false,
}

/** What cannot be understood is as if it were not there: an old link still shows something. */
export function readChoice(parameters: URLSearchParams): Choice {
  const sort = parameters.get('sort') ?? ''
  return {
    text: parameters.get('q') ?? '',
    states: STATES.filter((state) => parameters.getAll('state').includes(state.toLowerCase())),
    namespace: parameters.get('namespace') ?? '',
    type: parameters.get('type') ?? '',
    label: parameters.get('label') ?? '',
    group: GROUPINGS.find((grouping) => grouping === parameters.get('group')) ?? NOTHING.group,
    sort: SORTS.find((known) => known === sort.replace(/^-/, '')) ?? NOTHING.sort,
    isDescending: sort.startsWith('-'),
  }
}

/** Only what differs from the default: the address of the plain page stays plain. */
export function writeChoice(choice: Choice): URLSearchParams {
  const parameters = new URLSearchParams()
  if (choice.text !== '') parameters.set('q', choice.text)
  for (const state of choice.states) parameters.append('state', state.toLowerCase())
  for (const field of ['namespace', 'type', 'label'] as const)
    if (choice[field] !== '') parameters.set(field, choice[field])
  if (choice.group !== NOTHING.group) parameters.set('group', choice.group)
  if (choice.sort !== NOTHING.sort || choice.isDescending)
    parameters.set('sort', `${choice.isDescending ? '-' : ''}${choice.sort}`)
  return parameters
}

export function isNarrowed({ text, states, namespace, type, label }: Choice): boolean {
  return text !== '' || states.length > 0 || namespace !== '' || type !== '' || label !== ''
}

export function stateGroupOf({ presentation }: Pick<ServiceView, 'presentation'>): StateGroup {
  if (presentation.word === 'Stalled' || presentation.word === 'Held') return 'Stalled'
  const groups = { bad: 'Failing', wait: 'Waiting', busy: 'Updating', ok: 'Ready', off: 'Stopped' } as const
  return groups[presentation.role]
}

/** All but the state: what the counts on the state chips are made of. */
export function isShownButState(service: ServiceView, choice: Choice): boolean {
  return (
    (choice.namespace === '' || service.namespace === choice.namespace) &&
    (choice.type === '' || service.type === choice.type) &&
    (choice.label === '' || hasLabel(service.labels, choice.label)) &&
    matchesText(service, choice.text)
  )
}

export function isShown(service: ServiceView, choice: Choice): boolean {
  return (
    isShownButState(service, choice) && (choice.states.length === 0 || choice.states.includes(stateGroupOf(service)))
  )
}

function hasLabel(labels: ServiceView['labels'], wanted: string): boolean {
  const [key = '', value] = wanted.split('=', 2)
  return labels[key] !== undefined && (value === undefined || labels[key] === value)
}

/** Every word of the search is found somewhere. */
function matchesText({ name, namespace, type, labels, presentation, reason }: ServiceView, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/)
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const hay = [name, namespace, type ?? '', presentation.word, reason, ...pairs].join('\n').toLowerCase()
  return words.every((word) => hay.includes(word))
}

/** The name that is nearest to what was searched, for who mistyped it. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  const scored = names.map((name) => ({ name, distance: distanceOf(text.toLowerCase(), name.toLowerCase()) }))
  const [best] = scored.toSorted((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(2, Math.floor(text.length / 3)) ? best.name : undefined
}

/** Levenshtein's. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1])))
    row = next
  }
  return row[b.length] ?? 0
}

/** Which events are about an object, and in which order they happened. Pure. */
import type { KubeEvent, KubeObject } from '@orc/schemas'
import { UsageError } from 'clipanion'
import { parseSelection } from '../selection.ts'

export type Choose = (event: KubeEvent) => boolean

/** `web`: a service of this name with its replicas, or whatever has the name. `pod/web-0`: that object alone. */
export function eventsAbout(word: string): Choose {
  if (!word.includes('/')) return ({ involvedObject }) => isOrBelongsTo(involvedObject, word)
  const [selection] = parseSelection([word])
  const kind = selection?.resource.kind
  const name = selection?.names[0]
  return ({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name
}

/** Replicas that are gone have no object any more, but their names say whose they were. */
function isOrBelongsTo({ kind, name }: KubeEvent['involvedObject'], wanted: string): boolean {
  const service = kind === 'Pod' ? name.replace(/-\d+$/, '') : name
  return name === wanted || service === wanted
}

const TYPES: readonly string[] = ['Normal', 'Warning']

/** A field selector; undefined when every type is wanted. */
export function typeSelector(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const words = text.split(',').map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
  const stranger = words.find((word) => !TYPES.includes(word))
  if (stranger !== undefined) throw new UsageError(`--types takes ${TYPES.join(', ')}; got ${JSON.stringify(text)}`)
  const [only] = new Set(words).size === 1 ? words : []
  return only === undefined ? undefined : `type=${only}`
}

/** The latest at the end, where one looks. */
export function inTime<T extends KubeObject>(events: readonly T[]): readonly T[] {
  return events.toSorted((a, b) => timeOf(a) - timeOf(b))
}

function timeOf(object: KubeObject): number {
  return Date.parse((object as KubeEvent).lastTimestamp)
}

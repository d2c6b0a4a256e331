/** What must change in one object so that it becomes another, as a tree that follows the object. Pure. */

import { fieldsOf, isEqual, isFields, own, type Fields } from './edit-equal.ts'
import { matchItems } from './edit-match.ts'

export type Change =
  { readonly kind: 'same' } | { readonly kind: 'set'; readonly value: unknown } | MapChange | ListChange

/** `value` is all that is wanted here. A field that is in neither `fields` nor `removed` stays as it is. */
export interface MapChange {
  readonly kind: 'map'
  readonly value: unknown
  readonly fields: ReadonlyMap<string, Change>
  readonly removed: ReadonlySet<string>
  readonly added: readonly (readonly [string, unknown])[]
}

/** `items` and `removed` speak of positions in the old list; `after` too, and -1 is the front. */
export interface ListChange {
  readonly kind: 'list'
  readonly value: unknown
  readonly items: ReadonlyMap<number, Change>
  readonly removed: ReadonlySet<number>
  readonly added: readonly { readonly after: number; readonly value: unknown }[]
}

const SAME: Change = { kind: 'same' }

export function diff(before: unknown, wanted: unknown): Change {
  if (isFields(before) && isFields(wanted) && Object.keys(before).length > 0) return diffFields(before, wanted)
  if (Array.isArray(before) && Array.isArray(wanted) && before.length > 0) return diffLists(before, wanted)
  return isEqual(before, wanted) ? SAME : { kind: 'set', value: wanted }
}

function diffFields(before: Fields, wanted: Fields): Change {
  const fields = new Map<string, Change>()
  const removed = new Set<string>()
  for (const key of Object.keys(before)) {
    if (own(wanted, key) === undefined) removed.add(key)
    else {
      const change = diff(before[key], wanted[key])
      if (change.kind !== 'same') fields.set(key, change)
    }
  }
  const added = fieldsOf(wanted).filter(([key]) => !Object.hasOwn(before, key))
  return fields.size + removed.size + added.length === 0 ? SAME : { kind: 'map', value: wanted, fields, removed, added }
}

function diffLists(before: readonly unknown[], wanted: readonly unknown[]): Change {
  const match = matchItems(before, wanted)
  const items = new Map<number, Change>()
  const kept = new Set<number>()
  const added: { after: number; value: unknown }[] = []
  let after = -1
  for (const [at, old] of match.entries()) {
    if (old === undefined) added.push({ after, value: wanted[at] })
    else {
      const change = diff(before[old], wanted[at])
      if (change.kind !== 'same') items.set(old, change)
      kept.add(old)
      after = old
    }
  }
  const removed = new Set([...before.keys()].filter((at) => !kept.has(at)))
  return items.size + removed.size + added.length === 0 ? SAME : { kind: 'list', value: wanted, items, removed, added }
}

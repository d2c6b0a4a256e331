/** What must change in one object so that it becomes another, as a tree that follows the object. Pure. */

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

type Fields = Readonly<Record<string, unknown>>
/** Old position of each new item; undefined = a new item. Old positions rise. */
type Match = readonly (number | undefined)[]

const SAME: Change = { kind: 'same' }

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Fields in order; one that is undefined is not there. */
export function fieldsOf(value: Fields): [string, unknown][] {
  return Object.entries(value).filter(([, field]) => field !== undefined)
}

export function diff(before: unknown, wanted: unknown): Change {
  if (isFields(before) && isFields(wanted) && Object.keys(before).length > 0) return diffFields(before, wanted)
  if (Array.isArray(before) && Array.isArray(wanted) && before.length > 0) return diffLists(before, wanted)
  return isEqual(before, wanted) ? SAME : { kind: 'set', value: wanted }
}

export function isEqual(a: unknown, b: unknown): boolean {
  return firstDifference(a, b) === undefined
}

/** Where two values first differ; the path of a missing field is that of the field. */
export function firstDifference(a: unknown, b: unknown): (string | number)[] | undefined {
  if (isFields(a) && isFields(b)) {
    const keys = new Set([...fieldsOf(a), ...fieldsOf(b)].map(([key]) => key))
    return differenceAt(keys, (key) => [own(a, key), own(b, key)])
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const positions = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => at)
    return a.length === b.length ? differenceAt(positions, (at) => [a[at], b[at]]) : []
  }
  return a === b || (Number.isNaN(a) && Number.isNaN(b)) ? undefined : []
}

function differenceAt<Step extends string | number>(
  steps: Iterable<Step>,
  pair: (step: Step) => [unknown, unknown],
): (string | number)[] | undefined {
  for (const step of steps) {
    const below = firstDifference(...pair(step))
    if (below !== undefined) return [step, ...below]
  }
  return undefined
}

/** `__proto__` is a field like any other in a user's file. */
function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
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
  const match = matchByName(before, wanted) ?? matchByPosition(before, wanted)
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

/** Lists of maps with a `name` of their own each: an item is the same item wherever it stands. */
function matchByName(before: readonly unknown[], wanted: readonly unknown[]): Match | undefined {
  const old = namesOf(before)
  const names = namesOf(wanted)
  if (old === undefined || names === undefined) return undefined
  const found = [...names.keys()].map((name) => old.get(name))
  // An item that moved is removed and added again; the rest, as many as can be, stay where they are.
  const staying = longestRising(found.filter((at) => at !== undefined))
  return found.map((at) => (at !== undefined && staying.has(at) ? at : undefined))
}

function namesOf(list: readonly unknown[]): Map<string, number> | undefined {
  const names = new Map<string, number>()
  for (const [at, item] of list.entries()) {
    const name = isFields(item) ? own(item, 'name') : undefined
    if (typeof name !== 'string' || names.has(name)) return undefined
    names.set(name, at)
  }
  return names
}

function longestRising(numbers: readonly number[]): Set<number> {
  const tails: number[] = []
  const previous = new Map<number, number | undefined>()
  for (const number of numbers) {
    let low = 0
    for (let high = tails.length; low < high;) {
      const middle = (low + high) >> 1
      if ((tails[middle] ?? Infinity) < number) low = middle + 1
      else high = middle
    }
    previous.set(number, tails[low - 1])
    tails[low] = number
  }
  const rising = new Set<number>()
  for (let at = tails.at(-1); at !== undefined; at = previous.get(at)) rising.add(at)
  return rising
}

/** Other lists: what is equal at both ends stays; between, item by item where the number is the same, else out and in. */
function matchByPosition(before: readonly unknown[], wanted: readonly unknown[]): Match {
  const shorter = Math.min(before.length, wanted.length)
  let head = 0
  while (head < shorter && isEqual(before[head], wanted[head])) head += 1
  let tail = 0
  while (tail < shorter - head && isEqual(before.at(-1 - tail), wanted.at(-1 - tail))) tail += 1
  const shift = before.length - wanted.length
  return wanted.map((_, at) => {
    if (at < head || shift === 0) return at
    return at >= wanted.length - tail ? at + shift : undefined
  })
}

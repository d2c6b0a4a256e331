/** Finds the items of an old list in a new one, so that what stays can keep its place and its comments. */
import { isEqual, isFields, own } from './edit-equal.ts'

/** Old position of each new item; undefined = a new item. Old positions rise. */
export type Match = readonly (number | undefined)[]

/** Lists longer than this by each other are not searched for moved items. */
const MAX_PAIRS = 10_000

export function matchItems(before: readonly unknown[], wanted: readonly unknown[]): Match {
  return matchByName(before, wanted) ?? matchByValue(before, wanted)
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

/** Other lists: items that are equal stay; between them, item by item where the number is the same, else out and in. */
function matchByValue(before: readonly unknown[], wanted: readonly unknown[]): Match {
  const shorter = Math.min(before.length, wanted.length)
  let head = 0
  while (head < shorter && isEqual(before[head], wanted[head])) head += 1
  let tail = 0
  while (tail < shorter - head && isEqual(before.at(-1 - tail), wanted.at(-1 - tail))) tail += 1
  const old = before.slice(head, before.length - tail)
  const middle = matchBetween(old, wanted.slice(head, wanted.length - tail))
  return wanted.map((_, at) => {
    if (at < head) return at
    if (at >= wanted.length - tail) return at + before.length - wanted.length
    const found = middle[at - head]
    return found === undefined ? undefined : found + head
  })
}

function matchBetween(old: readonly unknown[], wanted: readonly unknown[]): Match {
  const common = longestCommon(old, wanted)
  if (old.length === wanted.length) {
    const inPlace = old.filter((item, at) => isEqual(item, wanted[at])).length
    if (inPlace >= common.filter((at) => at !== undefined).length) return [...old.keys()]
  }
  return withGapsPaired(common, old.length)
}

/** Longest common subsequence. */
function longestCommon(old: readonly unknown[], wanted: readonly unknown[]): Match {
  const width = wanted.length + 1
  if (old.length * wanted.length > MAX_PAIRS) return wanted.map(() => undefined)
  const isSame = old.map((item) => wanted.map((other) => isEqual(item, other)))
  // Of the items from a pair of positions on, how many are common.
  const counts = new Uint16Array((old.length + 1) * width)
  const count = (a: number, b: number): number => counts[a * width + b] ?? 0
  for (let a = old.length - 1; a >= 0; a -= 1)
    for (let b = wanted.length - 1; b >= 0; b -= 1)
      counts[a * width + b] = isSame[a]?.[b] ? count(a + 1, b + 1) + 1 : Math.max(count(a + 1, b), count(a, b + 1))
  let a = 0
  return wanted.map((_, b) => {
    while (a < old.length && !isSame[a]?.[b] && count(a + 1, b) >= count(a, b + 1) && count(a + 1, b) > 0) a += 1
    return isSame[a]?.[b] && a < old.length ? a++ : undefined
  })
}

function withGapsPaired(match: Match, length: number): Match {
  const paired = [...match]
  let from = 0
  let oldFrom = 0
  for (const [to, old] of [...match, length].entries()) {
    if (old === undefined) continue
    if (to - from === old - oldFrom) for (let at = from; at < to; at += 1) paired[at] = oldFrom + at - from
    from = to + 1
    oldFrom = old + 1
  }
  return paired
}

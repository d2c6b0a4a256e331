/** Which time the charts show, as it stands in the address: a length before now, or from here to there. Pure. */

export interface TimeRange {
  readonly sinceMs: number
  readonly untilMs: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const RANGES = [
  { name: '15m', words: '15 min', title: 'Last 15 minutes', ms: 15 * MINUTE },
  { name: '1h', words: '1 h', title: 'Last hour', ms: HOUR },
  { name: '6h', words: '6 h', title: 'Last 6 hours', ms: 6 * HOUR },
  { name: '24h', words: '24 h', title: 'Last 24 hours', ms: DAY },
  { name: '7d', words: '7 d', title: 'Last 7 days', ms: 7 * DAY },
  { name: '30d', words: '30 d', title: 'Last 30 days', ms: 30 * DAY },
] as const

export type RangeName = (typeof RANGES)[number]['name']

/** Either moves with the clock, or stands still. */
export type ChosenRange =
  | { readonly type: 'Last'; readonly name: RangeName; readonly title: string; readonly ms: number }
  | ({ readonly type: 'Fixed' } & TimeRange)

const DEFAULT = RANGES[1]
const SHORTEST_MS = 60_000

/** What makes no sense in an address is as if it were not there. */
export function chosenRange(query: URLSearchParams): ChosenRange {
  const [sinceMs, untilMs] = [query.get('from'), query.get('to')].map((text) => Date.parse(text ?? ''))
  if (sinceMs !== undefined && untilMs !== undefined && untilMs - sinceMs >= 1000) {
    return { type: 'Fixed', sinceMs, untilMs }
  }
  return { type: 'Last', ...(RANGES.find(({ name }) => name === query.get('range')) ?? DEFAULT) }
}

/** The same address with another range. */
export function withRange(url: URL, range: RangeName | TimeRange): string {
  const changed = new URL(url)
  for (const name of ['range', 'from', 'to']) changed.searchParams.delete(name)
  if (typeof range === 'string') changed.searchParams.set('range', range)
  else {
    const { since, until } = wordsOf(range)
    changed.searchParams.set('from', since)
    changed.searchParams.set('to', until)
  }
  return `${changed.pathname}${changed.search}${changed.hash}`
}

/** RFC 3339, as the API wants it. */
export function wordsOf({ sinceMs, untilMs }: TimeRange): { readonly since: string; readonly until: string } {
  return { since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString() }
}

export function timesOf(range: ChosenRange, nowMs: number): TimeRange {
  return range.type === 'Fixed'
    ? { sinceMs: range.sinceMs, untilMs: range.untilMs }
    : { sinceMs: nowMs - range.ms, untilMs: nowMs }
}

/** What a drag from here to there means; undefined where it was only a click. Samples are 10 s apart. */
export function zoomed({ sinceMs, untilMs }: TimeRange, from: number, to: number): TimeRange | undefined {
  if (Math.abs(to - from) < 0.02) return undefined
  const at = (share: number): number => sinceMs + Math.min(1, Math.max(0, share)) * (untilMs - sinceMs)
  const [first, last] = [at(Math.min(from, to)), at(Math.max(from, to))]
  const more = Math.max(0, SHORTEST_MS - (last - first)) / 2
  return { sinceMs: Math.round(first - more), untilMs: Math.round(last + more) }
}

const STEPS_SECONDS = [10, 60, 300, 1800, 7200]
const MOST_POINTS = 400

export function stepFor({ sinceMs, untilMs }: TimeRange): number {
  const seconds = (untilMs - sinceMs) / 1000
  return STEPS_SECONDS.find((step) => seconds / step <= MOST_POINTS) ?? 7200
}

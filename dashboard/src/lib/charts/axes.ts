/** Where the lines of a grid stand and what is written beside them. Pure. */
import { formatTime, formatTimeOfDay } from '#lib/format.ts'
import type { TimeRange } from './time-range.ts'

export interface Tick {
  /** 0 to 1, from the left or from the foot. */
  readonly at: number
  readonly label: string
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [
  ...[10, 30].map((many) => many * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((many) => many * MINUTE),
  ...[1, 2, 3, 6, 12].map((many) => many * HOUR),
  ...[1, 2, 7].map((many) => many * DAY),
]
const MOST_TICKS = 5

/** At round times of the zone of the browser. */
export function timeTicks({ sinceMs, untilMs }: TimeRange): Tick[] {
  const spanMs = untilMs - sinceMs
  const step = STEPS.find((each) => spanMs / each <= MOST_TICKS) ?? 7 * DAY
  const zoneMs = new Date(untilMs).getTimezoneOffset() * MINUTE
  const first = Math.ceil((sinceMs - zoneMs) / step) * step + zoneMs
  const ticks: Tick[] = []
  for (let at = first; at <= untilMs; at += step) {
    ticks.push({ at: (at - sinceMs) / spanMs, label: labelOf(at, untilMs, step) })
  }
  return ticks
}

function labelOf(atMs: number, untilMs: number, stepMs: number): string {
  if (stepMs < MINUTE) return formatTimeOfDay(atMs)
  const label = formatTime(atMs, untilMs)
  return stepMs >= DAY ? label.replace(/[,\s]\s?\d\d:\d\d$/, '') : label
}

/** The least round number that is not less: 1, 2 or 5 times a power of ten, of bytes a power of two. */
export function topOf(most: number, unit: 'Bytes' | 'Number'): number {
  if (!(most > 0)) return 1
  if (unit === 'Bytes') return 2 ** Math.ceil(Math.log2(most))
  const power = 10 ** Math.floor(Math.log10(most))
  return ([1, 2, 5, 10].find((each) => each * power >= most) ?? 10) * power
}

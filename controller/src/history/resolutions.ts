/** How finely samples are kept and for how long, and which of them answer a question. Pure. */
import type { Span } from '../ports/service-history.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

export interface Resolution {
  readonly table: string
  readonly periodMs: number
  readonly keptMs: number
}

/** Also stated in docs/operations.md; the finest first. */
export const RESOLUTIONS = [
  { table: 'samples_10s', periodMs: 10_000, keptMs: 6 * HOUR_MS },
  { table: 'samples_1m', periodMs: MINUTE_MS, keptMs: 7 * DAY_MS },
  { table: 'samples_15m', periodMs: 15 * MINUTE_MS, keptMs: 90 * DAY_MS },
  { table: 'samples_1h', periodMs: HOUR_MS, keptMs: 90 * DAY_MS },
  { table: 'samples_6h', periodMs: 6 * HOUR_MS, keptMs: 90 * DAY_MS },
] as const satisfies readonly Resolution[]

export interface Choice {
  readonly resolution: Resolution
  /** A multiple of the period. */
  readonly stepMs: number
}

export const MOST_POINTS = 2000
/** Of one service among many. */
const MOST_FLEET_POINTS = 48
/** Steps that people read easily. */
const STEPS_MS = [
  ...[10_000, 20_000, 30_000, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS],
  ...[30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS],
]

/** The coarsest table that gives the step, of those that reach back far enough. */
export function choose({ sinceMs, untilMs, stepMs = 0 }: Span, nowMs: number): Choice {
  const reaching = RESOLUTIONS.filter(({ keptMs, periodMs }) => nowMs - keptMs - periodMs <= sinceMs)
  const kept: readonly Resolution[] = reaching.length > 0 ? reaching : RESOLUTIONS.slice(-1)
  const leastMs = Math.max(kept[0]?.periodMs ?? 0, (untilMs - sinceMs) / MOST_POINTS)
  const wantedMs = stepMs >= leastMs ? stepMs : easyStep(leastMs)
  const fine = kept.filter(({ periodMs }) => periodMs <= wantedMs)
  const resolution = fine.findLast(({ periodMs }) => wantedMs % periodMs === 0) ?? fine[0] ?? RESOLUTIONS[0]
  return { resolution, stepMs: Math.ceil(wantedMs / resolution.periodMs) * resolution.periodMs }
}

/** Of whole fleets every row is read: they are asked of the two coarsest tables alone. */
export function chooseForFleet({ sinceMs, untilMs, stepMs = 0 }: Span): Choice {
  const [hours, coarsest] = [RESOLUTIONS[3], RESOLUTIONS[4]]
  const leastMs = Math.max(stepMs, hours.periodMs, easyStep((untilMs - sinceMs) / MOST_FLEET_POINTS))
  const resolution = leastMs % coarsest.periodMs === 0 ? coarsest : hours
  return { resolution, stepMs: Math.ceil(leastMs / resolution.periodMs) * resolution.periodMs }
}

function easyStep(leastMs: number): number {
  return STEPS_MS.find((each) => each >= leastMs) ?? leastMs
}

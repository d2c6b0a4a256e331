/** Samples of a service as what charts draw: gaps stay gaps, restarts are counted into bars. Pure. */
import type { SamplesPoint, ServiceSamples } from '@orc/schemas'
import type { TimeRange } from './time-range.ts'

export interface Point {
  /** ms. */
  readonly x: number
  /** NaN = nothing is known: the line ends there. */
  readonly y: number
}

/** A step without a sample parts the line, however long the gap is. */
export function pointsOf(samples: ServiceSamples, valueOf: (point: SamplesPoint) => number | undefined): Point[] {
  const stepMs = samples.stepSeconds * 1000
  const points: Point[] = []
  for (const sample of samples.points) {
    const x = Date.parse(sample.time)
    const before = points.at(-1)
    if (before !== undefined && x - before.x > stepMs * 1.5) points.push({ x: before.x + stepMs, y: NaN })
    points.push({ x, y: valueOf(sample) ?? NaN })
  }
  return points
}

/** Where no process ran nothing was used that could be shown: that is no 0. */
export function whileRunning(
  field: 'cpuCores' | 'mostCpuCores' | 'memoryBytes' | 'mostMemoryBytes',
): (point: SamplesPoint) => number | undefined {
  return (point) => (point.processes === 0 ? undefined : point[field])
}

export function lastValue(points: readonly Point[]): number | undefined {
  const y = points.at(-1)?.y
  return y === undefined || Number.isNaN(y) ? undefined : y
}

export function mostOf(points: readonly Point[]): number {
  return points.reduce((most, { y }) => (y > most ? y : most), 0)
}

/** The value that is nearest in time, and not further than a step away. */
export function valueAt(points: readonly Point[], atMs: number, stepMs: number): Point | undefined {
  const known = points.filter(({ x, y }) => !Number.isNaN(y) && Math.abs(x - atMs) <= stepMs)
  return known.toSorted((a, b) => Math.abs(a.x - atMs) - Math.abs(b.x - atMs))[0]
}

const BAR_SECONDS = [60, 300, 900, 1800, 3600, 6 * 3600, 24 * 3600]
const MOST_BARS = 30

export interface Bars {
  readonly seconds: number
  readonly bars: readonly Point[]
  readonly total: number
}

/** x is the middle of a bar. Where orc did not look there is no bar, as where nothing was restarted. */
export function restartBars({ points }: ServiceSamples, { sinceMs, untilMs }: TimeRange): Bars {
  const span = (untilMs - sinceMs) / 1000
  const seconds = BAR_SECONDS.find((each) => span / each <= MOST_BARS) ?? 24 * 3600
  const counts = new Map<number, number>()
  for (const { time, restarts } of points) {
    if (restarts === 0) continue
    const bar = Math.floor(Date.parse(time) / (seconds * 1000))
    counts.set(bar, (counts.get(bar) ?? 0) + restarts)
  }
  const bars = Array.from(counts, ([bar, y]) => ({ x: (bar + 0.5) * seconds * 1000, y }))
  return { seconds, bars, total: bars.reduce((sum, { y }) => sum + y, 0) }
}

export interface Mark {
  readonly atMs: number
  readonly words: string
}

/** Marks that would lie on each other are one: the first, and how many there are. */
export function joinMarks(
  marks: readonly Mark[],
  { sinceMs, untilMs }: TimeRange,
): (Mark & { readonly count: number })[] {
  const apartMs = (untilMs - sinceMs) * 0.05
  const joined: (Mark & { count: number })[] = []
  const inside = marks.filter(({ atMs }) => atMs >= sinceMs && atMs <= untilMs)
  for (const mark of inside.toSorted((a, b) => a.atMs - b.atMs)) {
    const last = joined.at(-1)
    if (last !== undefined && mark.atMs - last.atMs < apartMs) last.count += 1
    else joined.push({ ...mark, count: 1 })
  }
  return joined
}

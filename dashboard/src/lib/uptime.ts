/** How much of its time a service was as it should be: the ticks of its bar, and the same as a sentence. Pure. */
import { DEFAULT_NAMESPACE, type ServiceOverview } from '@orc/schemas'
import { formatPercent, formatTime } from './format.ts'

/** `Quiet` = no replica was wanted, or nothing is known of the time. */
export type TickState = 'Up' | 'Degraded' | 'Down' | 'Quiet'

export interface Tick {
  readonly fromMs: number
  readonly toMs: number
  readonly state: TickState
  /** Of the wanted replicas that were ready, 0 to 1. */
  readonly share: number | undefined
}

export interface Uptime {
  readonly ticks: readonly Tick[]
  /** Over the whole day; undefined when nothing was wanted or is known. */
  readonly dayShare: number | undefined
  readonly weekShare: number | undefined
}

/** The look every 10 s that a start or an end falls into is no outage: a tick is up from here on. */
const UP_FROM = 0.995

export function uptimeOf(day: ServiceOverview, week: ServiceOverview | undefined): Uptime {
  const sinceMs = Date.parse(day.since)
  const stepMs = day.stepSeconds * 1000
  return {
    ticks: day.uptimeShares.map((share, index) => ({
      fromMs: sinceMs + index * stepMs,
      toMs: sinceMs + (index + 1) * stepMs,
      state: stateOf(share),
      share: share ?? undefined,
    })),
    dayShare: day.uptimeShare,
    weekShare: week?.uptimeShare,
  }
}

const DAY_MS = 24 * 60 * 60_000

/** The server looks back seven days and no further, by its own clock. */
const MARGIN_MS = 5 * 60_000

/** RFC 3339; what is asked for. */
export function daysAgo(days: number, nowMs: number): string {
  return new Date(nowMs - days * DAY_MS + MARGIN_MS).toISOString()
}

/** By `namespace/name`. */
export function uptimes(
  days: readonly ServiceOverview[],
  weeks: readonly ServiceOverview[],
): ReadonlyMap<string, Uptime> {
  const ofWeek = new Map(weeks.map((week) => [nameOf(week), week]))
  return new Map(days.map((day) => [nameOf(day), uptimeOf(day, ofWeek.get(nameOf(day)))]))
}

function nameOf({ metadata }: ServiceOverview): string {
  return `${metadata.namespace ?? DEFAULT_NAMESPACE}/${metadata.name}`
}

function stateOf(share: number | null): TickState {
  if (share === null) return 'Quiet'
  if (share >= UP_FROM) return 'Up'
  return share > 0.5 ? 'Degraded' : 'Down'
}

/** For who cannot see the bar. */
export function uptimeSentence({ ticks, dayShare }: Uptime): string {
  const known = ticks.filter(({ state }) => state !== 'Quiet').length
  if (dayShare === undefined || known === 0) return 'Nothing is known of the last 24 hours.'
  const worse = ticks.filter(({ state }) => state === 'Degraded' || state === 'Down').length
  const hours = worse === 0 ? 'no hour was worse than that' : `${String(worse)} of ${String(known)} hours were worse`
  return `Ready ${formatPercent(dayShare)} of the last 24 hours; ${hours}.`
}

const WORDS: Readonly<Record<TickState, string>> = {
  Up: 'ready',
  Degraded: 'not always ready',
  Down: 'mostly not ready',
  Quiet: 'switched off, or nothing is known',
}

export function tickSentence({ fromMs, toMs, state, share }: Tick, nowMs: number): string {
  const amount = share === undefined ? '' : ` (${formatPercent(share)})`
  return `${formatTime(fromMs, nowMs)} to ${formatTime(toMs, nowMs)}: ${WORDS[state]}${amount}`
}

/** Lengths of time in the shortest form that still says enough, as kubectl writes them. */

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `90s`, `5m3s`, `42m`, `2h5m`, `30h`, `5d4h`, `12d`; below zero counts as zero. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 2 * MINUTE) return `${String(seconds)}s`
  if (seconds < 10 * MINUTE) return pair(seconds, MINUTE, 'm', 's')
  if (seconds < 3 * HOUR) return `${String(Math.floor(seconds / MINUTE))}m`
  if (seconds < 8 * HOUR) return pair(Math.floor(seconds / MINUTE), 60, 'h', 'm')
  if (seconds < 2 * DAY) return `${String(Math.floor(seconds / HOUR))}h`
  if (seconds < 8 * DAY) return pair(Math.floor(seconds / HOUR), 24, 'd', 'h')
  return `${String(Math.floor(seconds / DAY))}d`
}

function pair(count: number, factor: number, large: string, small: string): string {
  const rest = count % factor
  return `${String(Math.floor(count / factor))}${large}${rest === 0 ? '' : `${String(rest)}${small}`}`
}

/** Time since `timestamp` (RFC 3339); `<unknown>` when there is none. */
export function ageOf(timestamp: string | null | undefined, nowMs: number): string {
  const sinceMs = Date.parse(timestamp ?? '')
  return Number.isNaN(sinceMs) ? '<unknown>' : formatDuration(nowMs - sinceMs)
}

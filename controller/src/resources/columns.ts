/** Columns that several kinds have, and how ages are written. */
import type { Column } from './resource.ts'

export const NAME_COLUMN: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Unique within the namespace.',
  cell: ({ metadata }) => metadata.name,
}

export const AGE_COLUMN: Column = {
  name: 'Age',
  type: 'string',
  description: 'Time since orc first saw the object.',
  cell: ({ metadata }, wallMs) => ageOf(metadata.creationTimestamp, wallMs),
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** As kubectl writes durations: `90s`, `5m3s`, `42m`, `2h5m`, `30h`, `12d`. */
export function ageOf(timestamp: string | null | undefined, wallMs: number): string {
  const sinceMs = Date.parse(timestamp ?? '')
  if (Number.isNaN(sinceMs)) return '<unknown>'
  const seconds = Math.max(0, Math.floor((wallMs - sinceMs) / 1000))
  const minutes = Math.floor(seconds / MINUTE)
  const hours = Math.floor(seconds / HOUR)
  if (seconds < 2 * MINUTE) return `${seconds}s`
  if (seconds < 10 * MINUTE) return `${minutes}m${rest(seconds % MINUTE, 's')}`
  if (seconds < 3 * HOUR) return `${minutes}m`
  if (seconds < 8 * HOUR) return `${hours}h${rest(minutes % 60, 'm')}`
  return seconds < 2 * DAY ? `${hours}h` : `${Math.floor(seconds / DAY)}d`
}

function rest(count: number, unit: string): string {
  return count === 0 ? '' : `${count}${unit}`
}

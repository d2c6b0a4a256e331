/** Query parameters as values; what cannot be read is refused, never guessed. */
import type { Failure } from './errors.ts'
import { badRequest } from './errors.ts'

/** Absent, empty, `0` and `false` are false. */
export function readBoolean(query: URLSearchParams, name: string): boolean | Failure {
  const text = query.get(name) ?? ''
  if (['', '0', 'false'].includes(text)) return false
  return ['1', 'true'].includes(text) || badRequest(`${name} must be true or false; got ${shown(text)}`)
}

/** A whole number from 0; undefined when absent. */
export function readCount(query: URLSearchParams, name: string): number | undefined | Failure {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  return /^\d{1,15}$/.test(text)
    ? Number(text)
    : badRequest(`${name} must be a whole number from 0; got ${shown(text)}`)
}

/** RFC 3339, as ms since the epoch. */
export function readTime(query: URLSearchParams, name: string): number | undefined | Failure {
  const text = query.get(name) ?? ''
  if (text === '') return undefined
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(ms) ? badRequest(`${name} must be a time as RFC 3339 writes it; got ${shown(text)}`) : ms
}

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** A length of time as `90s`, `15m`, `24h` or `7d`, or a number of seconds; in ms, above 0. */
export function readDuration(query: URLSearchParams, name: string): number | undefined | Failure {
  const text = query.get(name) ?? ''
  if (text === '') return undefined
  const ms = durationMs(text)
  return ms ?? badRequest(`${name} must be a length of time above 0, for example 15m or 7d; got ${shown(text)}`)
}

/** A time as RFC 3339 writes it, or a length of time before `nowMs`. */
export function readMoment(query: URLSearchParams, name: string, nowMs: number): number | undefined | Failure {
  const agoMs = durationMs(query.get(name) ?? '')
  return agoMs === undefined ? readTime(query, name) : nowMs - agoMs
}

function durationMs(text: string): number | undefined {
  const [, count, unit = 's'] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? []
  const seconds = Number(count) * UNIT_SECONDS[(unit === '' ? 's' : unit) as keyof typeof UNIT_SECONDS]
  return seconds > 0 ? seconds * 1000 : undefined
}

/** Quoted and short enough for a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)
}

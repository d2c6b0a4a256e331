/** Numbers and lengths of time as people write them on a command line. */
import { UsageError } from 'clipanion'

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Longer is a typing mistake, and beyond what a date can hold. */
const LONGEST_MS = 100 * 365 * 86_400_000

/** `90s`, `5m`, `1h30m`, `2d` in ms; a number alone says nothing and is refused. */
export function parseDuration(option: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)]
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join('') === text
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (SECONDS[unit] ?? 0) * 1000, 0)
  if (isWhole && ms > 0 && ms <= LONGEST_MS) return ms
  throw new UsageError(`${option} must be a length of time such as 90s, 5m, 1h30m or 2d; got ${JSON.stringify(text)}`)
}

/** A time as RFC 3339 writes it: one that is given, or one so long ago. */
export function parseMoment(option: string, text: string): string {
  if (!/^\d{4}-/.test(text)) return new Date(Date.now() - parseDuration(option, text)).toISOString()
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new UsageError(`${option} must be a time such as 2026-03-01T12:00:00Z; got ${JSON.stringify(text)}`)
}

/** A whole number, or a usage error that names the option. */
export function parseCount(option: string, text: string, most = 999_999): number {
  if (/^\d{1,12}$/.test(text) && Number(text) <= most) return Number(text)
  throw new UsageError(`${option} must be a whole number, 0 or more; got ${JSON.stringify(text)}`)
}

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

/** Quoted and short enough for a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)
}

/** The revision of a spec: a hash of what a running process was started with, so that a change of it asks for a new one. */
import { createHash } from 'node:crypto'
import { RUN_RELEVANT_FIELDS, type AcceptedSpec } from '@orc/schemas'

const known = new WeakMap<AcceptedSpec, string>()

/** They count where they are set: revisions that were made without them stay what they are. */
const ADDED_LATER: readonly (typeof RUN_RELEVANT_FIELDS)[number][] = ['files', 'initCommands', 'lifecycle']

/** 16 hexadecimal digits. Remembered per spec object: accepted specs are frozen. */
export function revisionOf(spec: AcceptedSpec): string {
  const before = known.get(spec)
  if (before !== undefined) return before
  const fields = RUN_RELEVANT_FIELDS.filter((field) => !ADDED_LATER.includes(field) || spec[field] !== undefined)
  const relevant = fields.map((field) => [field, sorted(spec[field])])
  const revision = createHash('sha256').update(JSON.stringify(relevant)).digest('hex').slice(0, 16)
  known.set(spec, revision)
  return revision
}

/** The order of keys in a file says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  )
}

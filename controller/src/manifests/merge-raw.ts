/**
 * What the user's own words become when an object changes: only where the old and the new object differ. Fields that a
 * default filled in stay unwritten, and the order of keys stays the user's. Pure.
 */
import { isDeepStrictEqual } from 'node:util'

type Json = Readonly<Record<string, unknown>>

/** `raw` as written; `before` and `after` with defaults. Lists of named items are matched by name. */
export function mergeRaw(raw: unknown, before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(before, after)) return raw
  if (isMap(raw) && isMap(after)) return mergeMaps(raw, isMap(before) ? before : {}, after)
  if (isNamedList(raw) && isNamedList(after)) return mergeNamed(raw, isNamedList(before) ? before : [], after)
  return after
}

function mergeMaps(raw: Json, before: Json, after: Json): Json {
  const merged: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(raw)) {
    if (after[key] !== undefined) merged[key] = mergeRaw(value, before[key], after[key])
    // Written, but dropped on the way in: it is not the change's business.
    else if (before[key] === undefined) merged[key] = value
  }
  for (const [key, value] of Object.entries(after))
    if (!(key in raw) && value !== undefined && !isDeepStrictEqual(before[key], value))
      merged[key] = withoutDefaults(before[key], value)
  return merged
}

/** All that `before` says came from defaults: the file has none of it. */
function withoutDefaults(before: unknown, after: unknown): unknown {
  return isMap(before) && isMap(after) ? mergeMaps({}, before, after) : after
}

function mergeNamed(raw: readonly Named[], before: readonly Named[], after: readonly Named[]): readonly unknown[] {
  const find = (list: readonly Named[], name: string): Named | undefined => list.find((item) => item.name === name)
  return after.map((item) => {
    const written = find(raw, item.name)
    return written === undefined ? item : mergeRaw(written, find(before, item.name), item)
  })
}

interface Named {
  readonly name: string
}

function isMap(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function isNamedList(value: unknown): value is readonly Named[] {
  return Array.isArray(value) && value.every((item) => isMap(item) && typeof item['name'] === 'string')
}

/** Equality and freezing of JSON values, of which objects consist. */

/** Same JSON: the order of fields does not matter, and a field that is undefined is one that is absent. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const fields = fieldsOf(a)
  const others = new Map(fieldsOf(b))
  return fields.length === others.size && fields.every(([name, value]) => isSameJson(value, others.get(name)))
}

function fieldsOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, field]) => field !== undefined)
}

/** Freezes the value and all that it holds, in place, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}

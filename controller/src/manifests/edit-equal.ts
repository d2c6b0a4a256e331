/** Plain values compared: which fields there are, and where two values differ. */

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Fields in order; one that is undefined is not there. */
export function fieldsOf(value: Fields): [string, unknown][] {
  return Object.entries(value).filter(([, field]) => field !== undefined)
}

export function isEqual(a: unknown, b: unknown): boolean {
  return firstDifference(a, b) === undefined
}

/** Where two values first differ; the path of a missing field is that of the field. */
export function firstDifference(a: unknown, b: unknown): (string | number)[] | undefined {
  if (isFields(a) && isFields(b)) {
    const keys = new Set([...fieldsOf(a), ...fieldsOf(b)].map(([key]) => key))
    return differenceAt(keys, (key) => [own(a, key), own(b, key)])
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const positions = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => at)
    return a.length === b.length ? differenceAt(positions, (at) => [a[at], b[at]]) : []
  }
  return a === b || (Number.isNaN(a) && Number.isNaN(b)) ? undefined : []
}

function differenceAt<Step extends string | number>(
  steps: Iterable<Step>,
  pair: (step: Step) => [unknown, unknown],
): (string | number)[] | undefined {
  for (const step of steps) {
    const below = firstDifference(...pair(step))
    if (below !== undefined) return [step, ...below]
  }
  return undefined
}

/** `__proto__` is a field like any other in a user's file. */
export function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}

/** A line that is a JSON object, as its fields. Pure. */

export interface Field {
  readonly name: string
  /** As JSON, over several lines where that is easier to read. */
  readonly text: string
  readonly type: 'String' | 'Number' | 'Other'
}

/** Beyond that it is shown as text: no log line needs more, and a page should not hang on one. */
const MOST_CHARACTERS = 256 * 1024
const MOST_FIELDS = 200
const SHORT = 80

/** Undefined when it is none. */
export function fieldsOf(text: string): readonly Field[] | undefined {
  const trimmed = text.trim()
  if (!looksLikeJson(trimmed) || trimmed.length > MOST_CHARACTERS) return undefined
  try {
    const fields = Object.entries(JSON.parse(trimmed) as Record<string, unknown>)
    return fields.length === 0 || fields.length > MOST_FIELDS ? undefined : fields.map(fieldOf)
  } catch {
    return undefined
  }
}

/** Cheap, for every line that is shown. */
export function looksLikeJson(text: string): boolean {
  return text.startsWith('{') && text.endsWith('}')
}

function fieldOf([name, value]: [string, unknown]): Field {
  if (typeof value === 'string' && value.includes('\n')) return { name, text: value, type: 'String' }
  const short = JSON.stringify(value)
  const text = short.length > SHORT && typeof value === 'object' ? JSON.stringify(value, null, 2) : short
  return { name, text, type: typeof value === 'string' ? 'String' : typeof value === 'number' ? 'Number' : 'Other' }
}

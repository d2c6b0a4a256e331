/** Rows that are selected, as a click changes them. Pure. */

export interface Click {
  readonly key: string
  /** Where a range begins: all rows from there on become as the clicked one. */
  readonly from?: string | undefined
}

export function toggle(
  selected: ReadonlySet<string>,
  rows: readonly string[],
  { key, from }: Click,
): ReadonlySet<string> {
  const range = rangeOf(rows, from ?? key, key)
  if (!selected.has(key)) return new Set([...selected, ...range])
  const dropped = new Set(range)
  return new Set([...selected].filter((other) => !dropped.has(other)))
}

function rangeOf(rows: readonly string[], from: string, to: string): readonly string[] {
  const [start, end] = [rows.indexOf(from), rows.indexOf(to)]
  return start === -1 ? [to] : rows.slice(Math.min(start, end), Math.max(start, end) + 1)
}

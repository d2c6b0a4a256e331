/** Rows of cells as aligned columns. Pure. */
import { plainLine } from './plain.ts'

/** Text of a cell, and how it is painted once its width is known. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
}

export type Row = readonly (string | Cell)[]

const GAP = 3

export interface TableOptions {
  /** Characters of a column at least: keeps rows that are printed later in line. */
  readonly widths?: readonly number[]
  readonly indent?: string
  /** Print cells as they are, control characters and all. */
  readonly raw?: boolean
}

/** Lines that end with a line feed. The last column is as wide as its text. */
export function formatTable(
  rows: readonly Row[],
  { widths = [], indent = '', raw = false }: TableOptions = {},
): string {
  const cells = rows.map((row) => row.map((cell) => toCell(cell, raw)))
  const fitted = widthsOf(cells, widths)
  return cells.map((row) => `${indent}${formatRow(row, fitted)}\n`).join('')
}

export function columnWidths(rows: readonly Row[], atLeast: readonly number[] = []): number[] {
  return widthsOf(
    rows.map((row) => row.map((cell) => toCell(cell, false))),
    atLeast,
  )
}

function widthsOf(rows: readonly (readonly Cell[])[], atLeast: readonly number[]): number[] {
  const widths = [...atLeast]
  for (const row of rows)
    for (const [at, { text }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, width(text))
  return widths
}

function formatRow(row: readonly Cell[], widths: readonly number[]): string {
  return row
    .map(({ text, paint = (plain) => plain }, at) => {
      const padding = at === row.length - 1 ? 0 : (widths[at] ?? 0) - width(text) + GAP
      return paint(text) + ' '.repeat(padding)
    })
    .join('')
    .trimEnd()
}

function toCell(cell: string | Cell, raw: boolean): Cell {
  const { text, ...rest } = typeof cell === 'string' ? { text: cell } : cell
  return { ...rest, text: raw ? text : plainLine(text) }
}

function width(text: string): number {
  return Array.from(text).length
}

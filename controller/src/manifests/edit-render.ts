/** Writes plain values as YAML in the style of the file, strings quoted only where YAML 1.1 or 1.2 needs it. */
import { stringify } from 'yaml'
import { fieldsOf, isFields } from './edit-equal.ts'

export type Quotes = 'plain' | 'single' | 'double'

/** How a file is written. */
export interface Style {
  /** Columns that the fields of a nested map stand to the right of its key. */
  readonly step: number
  /** Columns that the dashes of a list stand to the right of its key; 0 is usual too. */
  readonly dash: number
  /** For strings that need quotes. */
  readonly quotes: 'single' | 'double'
  /** `{ a: 1 }` instead of `{a: 1}`. */
  readonly padded: boolean
  /** The document is JSON and stays it. */
  readonly json: boolean
  /** Every new string in double quotes, on one line: the form that means the same in every place. */
  readonly safe: boolean
}

export const DEFAULT_STYLE: Style = { step: 2, dash: 2, quotes: 'double', padded: false, json: false, safe: false }

/** `head` goes on the line of the key or dash, `body` on the lines below, in columns relative to it. */
export interface Rendered {
  readonly head: string
  readonly body: readonly string[]
}

/** Columns of a value's lines relative to its key or dash. `compact` = the first line goes behind the dash. */
export interface Place {
  readonly map: number
  readonly list: number
  readonly text: number
  readonly compact: boolean
}

const ITEM_PLACE: Place = { map: 2, list: 2, text: 2, compact: true }

export function fieldPlace(style: Style): Place {
  return { map: style.step, list: style.dash, text: style.step, compact: false }
}

export function itemPlace(offset = 2): Place {
  return { ...ITEM_PLACE, map: offset, list: offset }
}

export function renderBlock(value: unknown, style: Style, place: Place, quotes: Quotes = 'plain'): Rendered {
  if (typeof value === 'string') return renderText(value, style, place, quotes)
  if (!isFields(value) && !Array.isArray(value)) return { head: renderScalar(value, style, quotes), body: [] }
  const lines = Array.isArray(value) ? itemLines(value, style) : fieldLines(fieldsOf(value), style)
  if (lines.length === 0) return { head: emptyOf(value), body: [] }
  const column = Array.isArray(value) ? place.list : place.map
  if (!place.compact) return { head: '', body: indented(lines, column) }
  return { head: lines[0] ?? '', body: indented(lines.slice(1), column) }
}

export function fieldLines(fields: readonly (readonly [string, unknown])[], style: Style): string[] {
  return fields.flatMap(([key, value]) => {
    const { head, body } = renderBlock(value, style, fieldPlace(style))
    return [`${renderKey(key, style)}:${head === '' ? '' : ` ${head}`}`, ...body]
  })
}

export function itemLines(items: readonly unknown[], style: Style, quotes: Quotes = 'plain'): string[] {
  return items.flatMap((item) => {
    const { head, body } = renderBlock(item, style, ITEM_PLACE, quotes)
    return [`- ${head}`, ...body]
  })
}

export function renderFlow(value: unknown, style: Style, quotes: Quotes = 'plain'): string {
  const pad = style.padded ? ' ' : ''
  if (Array.isArray(value)) return `[${value.map((item) => renderFlow(item, style, quotes)).join(', ')}]`
  if (!isFields(value)) return renderScalar(value, style, quotes, true)
  const fields = fieldsOf(value)
  if (fields.length === 0) return '{}'
  return `{${pad}${fields.map(([key, field]) => renderFlowField(key, field, style, quotes)).join(', ')}${pad}}`
}

/** Double quotes are those of JSON, for keys too; single quotes are a habit of values. */
export function renderFlowField(key: string, value: unknown, style: Style, quotes: Quotes = 'plain'): string {
  return `${renderKey(key, style, quotes, true)}: ${renderFlow(value, style, quotes)}`
}

export function emptyOf(value: unknown): string {
  return Array.isArray(value) ? '[]' : '{}'
}

/** Lines further right; empty lines stay empty. */
export function indented(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => (line === '' ? line : ' '.repeat(columns) + line))
}

function renderText(value: string, style: Style, place: Place, quotes: Quotes): Rendered {
  const columns = place.text
  if (style.safe || !isLiteral(value) || columns < 1 || columns > 9)
    return { head: renderScalar(value, style, quotes), body: [] }
  const text = value.replace(/\n+$/, '')
  const breaks = value.length - text.length
  const chomping = ['-', ''][breaks] ?? '+'
  // Only a first line that begins with a space would be taken for a deeper indentation.
  const indentation = /^\n* /.test(text) ? String(columns) : ''
  const lines = [...text.split('\n'), ...Array.from({ length: Math.max(breaks - 1, 0) }, () => '')]
  return { head: `|${indentation}${chomping}`, body: indented(lines, columns) }
}

const UNPRINTABLE = /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u

/** Lines of nothing but blanks cannot be told from indentation. */
const BLANKS = /(^|\n)[\t ]+(\n|$)/

function isLiteral(value: string): boolean {
  return /[^\n]\n|\n[^\n]/.test(value) && !UNPRINTABLE.test(value) && !/^\n*\t/.test(value) && !BLANKS.test(value)
}

function renderScalar(value: unknown, style: Style, quotes: Quotes, inFlow = false): string {
  if (typeof value !== 'string') return stringify(value ?? null).trimEnd()
  const used = quotesFor(value, style, quotes)
  if (used === 'plain' && isPlain(value, inFlow)) return value
  const quoted = used === 'plain' ? style.quotes : used
  return quoted === 'single' ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value)
}

/** Only double quotes hold line breaks and what cannot be printed. */
function quotesFor(value: string, style: Style, quotes: Quotes): Quotes {
  return style.safe || style.json || value.includes('\n') || UNPRINTABLE.test(value) ? 'double' : quotes
}

function renderKey(key: string, style: Style, quotes: Quotes = 'plain', inFlow = false): string {
  return renderScalar(key, style, quotes === 'double' && inFlow ? 'double' : 'plain', inFlow)
}

/** JSON is YAML, apart from characters that YAML wants escaped. */
function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** `compat`: kubectl and many other readers still take `yes`, `on` and `1:30` for something else than text. */
const PLAIN = {
  lineWidth: 0,
  compat: 'yaml-1.1',
  blockQuote: false,
  doubleQuotedMinMultiLineLength: 1_000_000,
} as const

function isPlain(value: string, inFlow: boolean): boolean {
  if (/^(---|\.\.\.)/.test(value) || (inFlow && /[,[\]{}]|^[?:]/.test(value))) return false
  return stringify({ k: value }, PLAIN) === `k: ${value}\n`
}

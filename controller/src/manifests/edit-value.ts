/** Replaces one value: its bytes, or where its form changes the lines it had. Comments around it stay. */
import { isCollection, isScalar, Scalar, type Node } from 'yaml'
import { fieldsOf, isFields } from './edit-equal.ts'
import { commentColumn, columnOf, eolAt, lineEnd, lineEndAbove, lineStart, nextLine, tailOf } from './edit-lines.ts'
import {
  fieldLines,
  fieldPlace,
  itemPlace,
  indented,
  renderBlock,
  renderFlow,
  type Place,
  type Quotes,
  type Rendered,
  type Style,
} from './edit-render.ts'
import { isBlock, isBlockText, type Entry } from './edit-source.ts'
import type { Splice } from './splice.ts'

/** One attempt at one document; `splices` grows. */
export interface Edit {
  readonly text: string
  readonly style: Style
  /** Blank lines below what is removed go too. */
  readonly isTight: boolean
  readonly splices: Splice[]
}

export function splice(edit: Edit, start: number, end: number, text: string): void {
  if (start < end || text !== '') edit.splices.push({ start, end, text })
}

export function quotesOf(node: Node | undefined): Quotes {
  if (!isScalar(node)) return 'plain'
  if (node.type === Scalar.QUOTE_DOUBLE) return 'double'
  return node.type === Scalar.QUOTE_SINGLE ? 'single' : 'plain'
}

export function replaceInFlow(edit: Edit, entry: Entry, value: unknown): void {
  const isJson = entry.key !== undefined && edit.text[entry.start] === '"'
  const written = renderFlow(value, edit.style, isJson ? 'double' : quotesOf(entry.value))
  const gap = entry.hasColon ? ' ' : ': '
  if (entry.value === undefined && entry.valueStart === entry.tagEnd)
    splice(edit, entry.from, entry.from, gap + written)
  else splice(edit, entry.valueStart, entry.end, written)
}

/** A document that says `{}` gets its first fields. */
export function replaceEmptyRoot(edit: Edit, { range }: Node, value: unknown): void {
  const { text, style } = edit
  const [start, end] = range ?? [0, 0]
  const isAlone = lineStart(text, start) === start && lineEnd(text, end) === end
  const lines = isAlone && isFields(value) ? fieldLines(fieldsOf(value), style) : [renderFlow(value, style)]
  splice(edit, start, end, lines.join(eolAt(text, start)))
}

/** `column` is that of the entry. */
export function replaceInBlock(edit: Edit, entry: Entry, column: number, value: unknown): void {
  const { value: old } = entry
  if (isCollection(old) && old.flow === true && old.items.length > 0 && (isFields(value) || Array.isArray(value)))
    return splice(edit, entry.valueStart, entry.end, renderFlow(value, edit.style))
  if (old !== undefined && edit.text.slice(entry.tagEnd, old.range?.[0]).includes('\n'))
    return replaceBelow(edit, entry, old, column, value)
  replaceBehind(edit, entry, column, value)
}

/** The old value begins on the line of its key or dash, or there is none. */
function replaceBehind(edit: Edit, entry: Entry, column: number, value: unknown): void {
  const { text, style } = edit
  const { value: old } = entry
  const headEnd = isBlockText(old) ? headerEnd(text, old) : isBlock(old) ? lineEnd(text, entry.end) : entry.end
  const firstLine = lineEnd(text, headEnd)
  const isNested = isFields(value) || Array.isArray(value)
  const bodyStart = isNested && !isBlockText(old) ? tailOf(text, headEnd, column) : firstLine
  const bodyEnd = isBlockText(old) ? Math.max(entry.end, firstLine) : bodyStart
  const place = placeBehind(edit, entry, column, bodyStart > firstLine ? firstComment(text, firstLine) : undefined)
  const { head, body } = renderBlock(value, style, place, quotesOf(old))
  if (head === '') splice(edit, entry.from, headEnd, '')
  else if (entry.valueStart === headEnd) splice(edit, entry.from, entry.from, ` ${head}`)
  else splice(edit, entry.valueStart, headEnd, head)
  splice(edit, bodyStart, bodyEnd, bodyLines(edit, bodyStart, body, column))
}

function placeBehind(edit: Edit, entry: Entry, column: number, comment: number | undefined): Place {
  const { text, style } = edit
  const { value: old } = entry
  const written = isBlockText(old) ? literalColumn(text, old, column) - column : 0
  if (entry.key === undefined) {
    const place = itemPlace(old === undefined ? 2 : columnOf(text, entry.valueStart) - column)
    return written > 0 ? { ...place, text: written } : place
  }
  const place = fieldPlace(style)
  if (written > 0) return { ...place, text: written }
  return comment === undefined ? place : { ...place, map: comment - column, list: comment - column }
}

/** The old value begins on a line of its own. */
function replaceBelow(edit: Edit, entry: Entry, old: Node, column: number, value: unknown): void {
  const { text, style } = edit
  const start = old.range?.[0] ?? entry.from
  if (!isBlock(old) && !isBlockText(old) && !isFields(value) && !Array.isArray(value)) {
    splice(edit, entry.from, entry.tagEnd, '')
    return splice(edit, start, entry.end, renderFlow(value, style, quotesOf(old)))
  }
  const bodyStart = lineEndAbove(text, start)
  const bodyEnd = isBlock(old) ? lineEnd(text, entry.end) : entry.end
  const place = placeBelow(entry, columnOf(text, start) - column, style)
  const { head, body } = renderBlock(value, style, place, quotesOf(old))
  splice(edit, entry.from, entry.tagEnd, head === '' ? '' : ` ${head}`)
  splice(edit, bodyStart, bodyEnd, bodyLines(edit, bodyStart, body, column))
}

function placeBelow(entry: Entry, offset: number, style: Style): Place {
  const place = entry.key === undefined ? { ...itemPlace(), compact: false } : fieldPlace(style)
  if (isBlockText(entry.value)) return place
  // The dashes of a list may stand right below its key, nothing else may.
  if (offset > 0) return { ...place, map: offset, list: offset }
  return { ...place, list: offset }
}

function bodyLines(edit: Edit, at: number, body: Rendered['body'], column: number): string {
  const eol = eolAt(edit.text, at)
  return indented(body, column)
    .map((line) => eol + line)
    .join('')
}

function headerEnd(text: string, node: Node): number {
  const start = node.range?.[0] ?? 0
  let at = start + 1
  while (/[-+0-9]/.test(text[at] ?? '')) at += 1
  return at
}

function literalColumn(text: string, node: Node, column: number): number {
  const end = headerEnd(text, node)
  const digit = /\d/.exec(text.slice(node.range?.[0], end))
  if (digit !== null) return column + Number(digit[0])
  for (let line = nextLine(text, end); line < (node.range?.[1] ?? 0); line = nextLine(text, line)) {
    const spaces = /^ */.exec(text.slice(line, lineEnd(text, line)))?.[0].length ?? 0
    if (line + spaces < lineEnd(text, line)) return spaces
  }
  return column
}

function firstComment(text: string, from: number): number | undefined {
  let line = nextLine(text, from)
  while (line < text.length && commentColumn(text, line) === undefined) line = nextLine(text, line)
  return commentColumn(text, line)
}

/** Lines and comments of a YAML text: which ones belong to an entry, and how the text is written. */
import { isMap, isScalar, isSeq, Scalar, visit, type Document, type Node } from 'yaml'
import { DEFAULT_STYLE, type Style } from './edit-render.ts'
import { isBlock } from './edit-source.ts'

export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
}

/** Before the line ending. */
export function lineEnd(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset)
  if (feed === -1) return text.length
  return feed > offset && text[feed - 1] === '\r' ? feed - 1 : feed
}

/** Start of the line after; the end of the text where there is none. */
export function nextLine(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset)
  return feed === -1 ? text.length : feed + 1
}

export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset)
}

/** The line ending used where `offset` is. */
export function eolAt(text: string, offset: number): string {
  const feed = text.indexOf('\n', offset)
  const near = feed === -1 ? text.lastIndexOf('\n') : feed
  return near > 0 && text[near - 1] === '\r' ? '\r\n' : '\n'
}

/** Before the line ending of the line above; where there is none, the start of the text. */
export function lineEndAbove(text: string, offset: number): number {
  const start = lineStart(text, offset)
  return start === 0 ? 0 : start - (text[start - 2] === '\r' ? 2 : 1)
}

export function isFirstOnLine(text: string, offset: number): boolean {
  let at = offset
  while (text[at - 1] === ' ') at -= 1
  return at === 0 || text[at - 1] === '\n'
}

/**
 * Where an entry begins together with its own comment: the comment lines directly above it, in its column, with no
 * blank line between. Only for an entry that is the first on its line.
 */
export function headOf(text: string, start: number, limit: number): number {
  const column = columnOf(text, start)
  let head = start
  for (let line = lineStart(text, start); line > limit;) {
    line = lineStart(text, line - 1)
    if (line < limit || commentColumn(text, line) !== column) break
    head = line + column
  }
  return head
}

/** End of the last line of an entry that is written up to `end`: deeper comments below are the entry's own. */
export function tailOf(text: string, end: number, column: number): number {
  let tail = lineEnd(text, end)
  for (let line = nextLine(text, tail); line < text.length; line = nextLine(text, line)) {
    const comment = commentColumn(text, line)
    if (comment === undefined ? !isBlank(text, line) : comment <= column) break
    if (comment !== undefined) tail = lineEnd(text, line)
  }
  return tail
}

/** End of the blank lines directly below. */
export function blanksBelow(text: string, end: number): number {
  let tail = end
  for (let line = nextLine(text, end); line < text.length && isBlank(text, line); line = nextLine(text, line))
    tail = lineEnd(text, line)
  return tail
}

/** Column of the comment that has the line to itself. */
export function commentColumn(text: string, line: number): number | undefined {
  let at = line
  while (text[at] === ' ' || text[at] === '\t') at += 1
  return text[at] === '#' ? at - line : undefined
}

function isBlank(text: string, line: number): boolean {
  return text.slice(line, lineEnd(text, line)).trim() === ''
}

function isJson(contents: unknown): boolean {
  if (!isMap(contents) || contents.flow !== true) return false
  const key = contents.items[0]?.key
  return isScalar(key) && key.type === Scalar.QUOTE_DOUBLE
}

/** What the document's first map, list, quoted string and flow map show of its author's habits. */
export function styleOf(text: string, document: Document): Style {
  const seen: { step?: number; dash?: number; quotes?: 'single' | 'double'; padded?: boolean } = {}
  const column = (node: Node): number => columnOf(text, node.range?.[0] ?? 0)
  visit(document, {
    Pair(_, { key, value }) {
      if (!isBlock(value) || !isScalar(key)) return
      const offset = column(value) - column(key)
      if (isSeq(value)) seen.dash ??= offset
      else if (offset > 0) seen.step ??= offset
    },
    Map(_, { flow, range }) {
      if (flow === true && range) seen.padded ??= text[range[0] + 1] === ' '
    },
    Scalar(_, { type }) {
      if (type === Scalar.QUOTE_SINGLE) seen.quotes ??= 'single'
      if (type === Scalar.QUOTE_DOUBLE) seen.quotes ??= 'double'
    },
  })
  const step = seen.step ?? (seen.dash || DEFAULT_STYLE.step)
  return { ...DEFAULT_STYLE, dash: step, ...seen, step, json: isJson(document.contents) }
}

/** Finds one document among those of a file, and takes one out without touching the others. */
import { parseAllDocuments, type Document } from 'yaml'
import { isEqual } from './edit-equal.ts'
import { commentColumn, headOf, lineEnd, lineStart, nextLine } from './edit-lines.ts'

export type Edited = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

interface Range {
  readonly start: number
  readonly end: number
}

/** A piece of the file that can be parsed alone, and the position in it of the document that was asked for. */
export interface Piece extends Range {
  readonly index: number
}

/** Throws what `yaml` throws for nesting beyond the stack. */
export function parse(text: string): Document.Parsed[] {
  // The library's own search for duplicate keys is quadratic; `decode` refuses them.
  return [...parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, keepSourceTokens: true })]
}

/**
 * Of a text without byte order mark; undefined = there is no such document. Found without a parse, unless the file has
 * `...` or `%` at the start of a line, so that the documents around it cost nearly nothing.
 */
export function pieceOf(text: string, index: number): Piece | undefined {
  const pieces = cut(text)
  if (pieces === undefined) return { start: 0, end: text.length, index }
  const piece = pieces[index]
  return piece === undefined ? undefined : { ...piece, index: 0 }
}

export function refuse(reason: string): Edited {
  return { ok: false, reason }
}

export function noSuchDocument(index: number): Edited {
  return refuse(`the file has no document number ${String(index + 1)}; read it again. It was not changed`)
}

/**
 * Text without that document; '' (or only comments) may remain when it was the last one. Of the comments between two
 * documents those directly above `---` stay if a blank line separates them from what is above; so does the head of the
 * file if a blank line or `---` ends it.
 */
export function removeDocument(text: string, index: number): Edited {
  try {
    const { mark, body } = splitMark(text)
    const pieces = cut(body)
    const removed = pieces === undefined ? removeParsed(body, index) : removePiece(body, pieces, index)
    if (!removed.ok) return removed
    return { ok: true, text: removed.text.trim() === '' ? '' : mark + removed.text }
  } catch (error) {
    return refuseThrown(error)
  }
}

export function refuseThrown(error: unknown): Edited {
  if (!(error instanceof RangeError) && !(error instanceof ReferenceError)) throw error
  return refuse('the document is nested too deeply, so the file was not changed; edit it by hand')
}

/** Apart from the byte order mark a file is what it would be without one. */
export function splitMark(text: string): { readonly mark: string; readonly body: string } {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  return { mark, body: text.slice(mark.length) }
}

/** The documents of a file that separates them with `---` alone; undefined for any other file. */
function cut(text: string): Range[] | undefined {
  const starts: number[] = []
  for (const { 1: found, index } of `\n${text}`.matchAll(/\n(?:(---|\.\.\.)(?=[ \t\r\n]|$)|%)/g)) {
    if (found !== '---') return undefined
    starts.push(index)
  }
  const isBare = firstContent(text, 0) < (starts[0] ?? text.length)
  if (isBare) starts.unshift(0)
  return starts.map((start, at) => ({ start, end: starts[at + 1] ?? text.length }))
}

/** Start of the first line that is neither blank nor a comment. */
function firstContent(text: string, from: number): number {
  let line = from
  while (line < text.length && /^[ \t\r]*(?:#|\n|$)/.test(text.slice(line, lineEnd(text, line))))
    line = nextLine(text, line)
  return line
}

function removePiece(text: string, pieces: readonly Range[], index: number): Edited {
  const piece = pieces[index]
  if (piece === undefined) return noSuchDocument(index)
  const isBare = !text.startsWith('---', piece.start)
  const start = isBare ? headOf(text, firstContent(text, piece.start), piece.start) : piece.start
  const end = index === pieces.length - 1 ? piece.end : commentsAbove(text, piece.end, start)
  return { ok: true, text: text.slice(0, start) + text.slice(end) }
}

/** Start of the comments directly above the marker at `end`, if a blank line stands above them; else `end`. */
function commentsAbove(text: string, end: number, limit: number): number {
  let start = end
  while (start > limit) {
    const above = lineStart(text, start - 1)
    if (commentColumn(text, above) !== 0 || above <= limit) break
    start = above
  }
  const above = lineStart(text, Math.max(start - 1, 0))
  return above > limit && text.slice(above, start).trim() === '' ? start : end
}

/** For files with `...` or directives: what may be cut depends on the neighbours, so the result is read again. */
function removeParsed(text: string, index: number): Edited {
  const documents = parse(text)
  const [start = 0, , end = 0] = documents[index]?.range ?? []
  if (documents[index] === undefined) return noSuchDocument(index)
  const behind = documents[index - 1]?.range[2] ?? 0
  const hasDirective = /(?:^|\n)%/.test(text.slice(behind, start))
  const from = hasDirective ? behind : start
  const marker = text.lastIndexOf('\n...', end - 2) + 1
  const others = documents.filter((_, at) => at !== index).map((document) => document.toJS() as unknown)
  const rest = [end, marker]
    .filter((to) => to >= from)
    .map((to) => text.slice(0, from) + text.slice(to))
    .find((candidate) => isEqual(readAll(candidate), others))
  if (rest !== undefined) return { ok: true, text: rest }
  return refuse('the document cannot be cut out of the file without changing the others; edit it by hand')
}

/** Undefined = not valid. */
function readAll(text: string): unknown[] | undefined {
  const documents = parse(text)
  if (documents.some(({ errors, warnings }) => errors.length + warnings.length > 0)) return undefined
  return documents.map((document) => document.toJS() as unknown)
}

/** Reads a template: text, and in braces paths, quoted text, `range` and `end`. */
import { Cursor, unescape } from './cursor.ts'
import { parsePath } from './parse-path.ts'
import type { Part, Path, Template } from './template.ts'

/** A usage error that names the place when the text is no template. */
export function parseTemplate(text: string): Template {
  const cursor = new Cursor(text)
  const { parts, isClosed } = parseParts(cursor)
  if (isClosed) cursor.fail('there is an {end} without {range}')
  return parts
}

/** Up to `{end}`, or to the end of the text. */
function parseParts(cursor: Cursor): { parts: Part[]; isClosed: boolean } {
  const parts: Part[] = []
  while (!cursor.isAtEnd) {
    const text = cursor.match(/[^{]+/y)
    if (text !== undefined) parts.push({ type: 'Text', text })
    else if (cursor.match(/\{\s*end\s*\}/y) !== undefined) return { parts, isClosed: true }
    else parts.push(...parseAction(cursor))
  }
  return { parts, isClosed: false }
}

function parseAction(cursor: Cursor): Part[] {
  cursor.expect('{')
  cursor.skipSpace()
  if (cursor.match(/range\s+/y) !== undefined) return [parseRange(cursor)]
  const parts: Part[] = []
  do {
    parts.push(parseExpression(cursor))
    cursor.skipSpace()
    if (cursor.isAtEnd) cursor.fail('"}" is missing')
  } while (!cursor.take('}'))
  return parts
}

function parseExpression(cursor: Cursor): Part {
  const quoted = cursor.quoted()
  if (quoted !== undefined) return { type: 'Text', text: unescape(quoted) }
  if (/[@$.[]/.test(cursor.peek())) return { type: 'Path', path: parsePath(cursor) }
  // `{kind}` is `{.kind}`.
  if (/[A-Za-z_]/.test(cursor.peek())) return { type: 'Path', path: parseNamedPath(cursor) }
  return cursor.fail('in braces stand paths such as .metadata.name, and text in quotes')
}

function parseNamedPath(cursor: Cursor): Path {
  const name = cursor.match(/(?:[\w-]|\\.)+/uy) ?? ''
  return [{ type: 'Field', name: unescape(name) }, ...parsePath(cursor)]
}

function parseRange(cursor: Cursor): Part {
  const path = parsePath(cursor)
  cursor.skipSpace()
  cursor.expect('}')
  const { parts, isClosed } = parseParts(cursor)
  if (!isClosed) cursor.fail('{range} without {end}')
  return { type: 'Range', path, body: parts }
}

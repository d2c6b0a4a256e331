/**
 * Text of a manifest file -> its objects, each with the place of every error (`file:line:column`). Pure.
 * The same function serves the controller, `orc apply` and the editor, so all say the same sentence.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type ParsedNode,
  type YAMLMap,
} from 'yaml'
import { formatIssue, type Issue, type Path } from './issue.ts'
import type { Declared } from './resource.ts'
import { validate } from './validate.ts'

/** Bounds of one file. */
export const FILE_LIMITS = { bytes: 256 * 1024, depth: 64, nodes: 20_000, errors: 20 } as const

/** Where and what; `line` and `column` count from 1. */
export interface Located {
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface DecodedDocument {
  /** Position among the YAML documents of the file, from 0; empty documents count. */
  readonly index: number
  readonly line: number
  /** The object as written, without defaults. */
  readonly raw: unknown
  /** The object with defaults; absent when there are errors. */
  readonly object?: Declared
  readonly errors: readonly Located[]
  readonly warnings: readonly Located[]
}

export interface Decoded {
  readonly documents: readonly DecodedDocument[]
  /** Errors that make the whole file unreadable; then there are no documents. */
  readonly errors: readonly Located[]
}

/** `path:line:column: message`, the form that editors and terminals make clickable. */
export function formatLocated(path: string, { line, column, message }: Located): string {
  return `${path}:${String(line)}:${String(column)}: ${message}`
}

export function decode(text: string): Decoded {
  if (byteLength(text) > FILE_LIMITS.bytes)
    return {
      documents: [],
      errors: [
        { line: 1, column: 1, message: `the file is larger than ${String(FILE_LIMITS.bytes / 1024)} KiB; split it` },
      ],
    }
  const lines = new LineCounter()
  let parsed: Document.Parsed[]
  try {
    // The library's own search for duplicate keys is quadratic; `structureErrors` does it in linear time.
    parsed = [...parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false })]
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return {
      documents: [],
      errors: [{ line: 1, column: 1, message: `the file is nested deeper than ${String(FILE_LIMITS.depth)} levels` }],
    }
  }
  const at = (offset: number, message: string): Located => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1), message }
  }
  const errors = parsed.flatMap((document) => documentErrors(document, at))
  if (errors.length > 0) return { documents: [], errors: inReadingOrder(errors) }
  const documents = parsed.flatMap((document, index) => decodeDocument(document, index, at))
  return { documents, errors: [] }
}

type At = (offset: number, message: string) => Located

function decodeDocument(document: Document.Parsed, index: number, at: At): DecodedDocument[] {
  const { contents } = document
  if (contents === null || (isScalar(contents) && contents.value === null)) return []
  const raw: unknown = document.toJS()
  const result = validate(raw)
  const locate = (issue: Issue): Located => at(offsetOf(contents, issue.path, issue.at), formatIssue(issue))
  const { line } = at(contents.range[0], '')
  if (!result.ok) return [{ index, line, raw, errors: inReadingOrder(result.issues.map(locate)), warnings: [] }]
  return [{ index, line, raw, object: result.object, errors: [], warnings: result.warnings.map(locate) }]
}

/** As many errors as a person reads before the first is fixed. */
function inReadingOrder(errors: readonly Located[]): Located[] {
  return errors.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, FILE_LIMITS.errors)
}

function documentErrors(document: Document.Parsed, at: At): Located[] {
  if (document.errors.some((error) => error.message.startsWith('Maximum call stack')))
    return [at(document.range[0], `nested deeper than ${String(FILE_LIMITS.depth)} levels`)]
  // A tag that YAML does not resolve is only a warning there; here it is a value of unknown meaning.
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0)
    return problems.map(({ pos, message }) => at(pos[0], `not valid YAML: ${withoutText(message)}`))
  return structureErrors(document.contents, at)
}

/** Of a message of the parser, what says nothing of the text itself: an unquoted password may begin like a tag. */
function withoutText(message: string): string {
  const [fact = ''] = message.split(/\n|(?<=\w): /)
  return fact === 'Unresolved tag' ? unknownTag : fact
}

const unknownTag = 'a tag (!) that is not known; text that begins with ! belongs in quotes'

/** What orc does not take in YAML, though YAML allows it: surprises that a reader of the file cannot see. */
function structureErrors(root: ParsedNode | null, at: At): Located[] {
  const found: Located[] = []
  let nodes = 0
  const visit = (node: unknown, depth: number): void => {
    if (!isAlias(node) && !isMap(node) && !isSeq(node) && !isScalar(node)) return
    const offset = node.range?.[0] ?? 0
    nodes += 1
    if (nodes === FILE_LIMITS.nodes)
      found.push(at(offset, `the file has more than ${String(FILE_LIMITS.nodes)} values; split it`))
    if (nodes >= FILE_LIMITS.nodes) return
    if (depth > FILE_LIMITS.depth) {
      found.push(at(offset, `nested deeper than ${String(FILE_LIMITS.depth)} levels`))
      return
    }
    const surprise = surpriseOf(node)
    if (surprise !== undefined) found.push(at(offset, surprise))
    if (isSeq(node)) for (const item of node.items) visit(item, depth + 1)
    if (isMap(node)) {
      found.push(...keysErrors(node, at))
      for (const pair of node.items) visit(pair.value, depth + 1)
    }
  }
  visit(root, 0)
  return found
}

function surpriseOf(node: Node): string | undefined {
  if (isAlias(node)) return 'an alias (*) is not allowed; write the value out, and text that begins with * in quotes'
  const { anchor, tag } = node
  if (anchor !== undefined)
    return 'an anchor (&) is not allowed; write the value out, and text that begins with & in quotes'
  return tag === undefined || tag.startsWith('tag:yaml.org,2002:') ? undefined : unknownTag
}

function keysErrors(map: YAMLMap, at: At): Located[] {
  const seen = new Set<string>()
  return map.items.flatMap(({ key }) => keyErrors(key, seen, at))
}

function keyErrors(key: unknown, seen: Set<string>, at: At): Located[] {
  if (!isScalar(key)) return [at((key as ParsedNode | null)?.range[0] ?? 0, 'a key must be a plain word')]
  const offset = key.range?.[0] ?? 0
  const name = String(key.value)
  if (name === '<<') return [at(offset, 'merge keys (<<) are not allowed; write the fields out')]
  if (seen.has(name)) return [at(offset, `the key ${JSON.stringify(name)} stands here twice`)]
  seen.add(name)
  return []
}

/** Offset of the field's key or value; of the nearest parent that exists where the field is missing. */
function offsetOf(root: ParsedNode, path: Path, end: 'key' | 'value'): number {
  let node: unknown = root
  let offset = root.range[0]
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === step)
      if (pair === undefined) return offset
      const keyOffset = (pair.key as ParsedNode).range[0]
      node = pair.value
      const valueOffset = (node as ParsedNode | null)?.range?.[0] ?? keyOffset
      offset = last && end === 'key' ? keyOffset : last ? valueOffset : keyOffset
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      offset = (node as ParsedNode | undefined)?.range[0] ?? offset
    } else return offset
  }
  return offset
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

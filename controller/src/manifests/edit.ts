/** Writes the changes of an object into the user's YAML text; every byte outside the changed nodes stays as it is. */
import { fieldName, type Path } from '@orc/schemas'
import { isMap, isSeq, type Document, type Node, type YAMLMap } from 'yaml'
import { editBlock, type Addition, type Plan } from './edit-block.ts'
import { diff, type Change, type ListChange, type MapChange } from './edit-diff.ts'
import { firstDifference, isEqual, isFields } from './edit-equal.ts'
import { noSuchDocument, parse, pieceOf, refuse, refuseThrown, splitMark, type Edited } from './edit-documents.ts'
import { editFlow } from './edit-flow.ts'
import { columnOf, styleOf } from './edit-lines.ts'
import { DEFAULT_STYLE, fieldPlace, renderBlock } from './edit-render.ts'
import { entriesOf, isBlock, type Collection, type Entry } from './edit-source.ts'
import { replaceEmptyRoot, replaceInBlock, replaceInFlow, type Edit } from './edit-value.ts'
import { applySplices } from './splice.ts'

export { removeDocument, type Edited } from './edit-documents.ts'

/**
 * Text after the document at `index` is changed from what it says to `wanted` (a plain JSON object as the user would
 * write it, no defaults added). `before` is the object as decoded from the text. The result was read again: it says
 * exactly `wanted`, and every other document is the same text; what cannot be written so is refused. Expects what
 * `decode` accepts.
 */
export function editDocument(text: string, index: number, before: unknown, wanted: unknown): Edited {
  try {
    if (isEqual(before, wanted)) return { ok: true, text }
    const { mark, body } = splitMark(text)
    const piece = pieceOf(body, index)
    if (piece === undefined) return noSuchDocument(index)
    const edited = editPiece(body.slice(piece.start, piece.end), piece.index, before, wanted)
    if (!edited.ok) return edited
    return { ok: true, text: mark + body.slice(0, piece.start) + edited.text + body.slice(piece.end) }
  } catch (error) {
    return refuseThrown(error)
  }
}

/** Text of a new file that holds one object: block style, fields in order, quotes only where YAML needs them. */
export function renderDocument(object: unknown): string {
  const { head, body } = renderBlock(object, DEFAULT_STYLE, { ...fieldPlace(DEFAULT_STYLE), map: 0, list: 0 })
  return [...(head === '' ? [] : [head]), ...body, ''].join('\n')
}

/** From the form that people write to the one that goes wherever the one before would say something else. */
const ATTEMPTS = [
  { safe: false, isTight: false },
  { safe: true, isTight: false },
  { safe: true, isTight: true },
]

function editPiece(text: string, index: number, before: unknown, wanted: unknown): Edited {
  const documents = parse(text)
  const document = documents[index]
  if (document === undefined) return noSuchDocument(index)
  if (!isClean(document)) return refuse('the file is not valid YAML, so it was not changed; correct it first')
  const stale = firstDifference(document.toJS(), before)
  if (stale !== undefined)
    return refuse(
      `${at(stale)}the file no longer says what this change began with, so it was not changed; read it again`,
    )
  const { contents } = document
  if (!isMap(contents) || !isFields(wanted))
    return refuse('the document is not a map of fields, so the file was not changed; edit it by hand')
  const style = styleOf(text, document)
  for (const attempt of ATTEMPTS) {
    const edit: Edit = { text, style: { ...style, safe: attempt.safe }, isTight: attempt.isTight, splices: [] }
    editRoot(edit, contents, diff(before, wanted))
    const edited = applySplices(text, edit.splices)
    if (edited !== undefined && says(edited, text, documents, index, wanted)) return { ok: true, text: edited }
  }
  const field = at(firstDifference(before, wanted) ?? [])
  return refuse(
    `${field}this change would touch more of the file than it should, so the file was not changed; edit it by hand`,
  )
}

function editRoot(edit: Edit, contents: YAMLMap, change: Change): void {
  if (change.kind === 'map') return editCollection(edit, contents, change, undefined)
  if (change.kind === 'set') replaceEmptyRoot(edit, contents, change.value)
}

function at(path: Path): string {
  return path.length === 0 ? '' : `${fieldName(path)}: `
}

function isClean({ errors, warnings }: Document.Parsed): boolean {
  return errors.length + warnings.length === 0
}

/** The new text can be read, its document says what is wanted, and the text around that document is the old one. */
function says(edited: string, text: string, old: readonly Document.Parsed[], index: number, wanted: unknown): boolean {
  const documents = parse(edited)
  const document = documents[index]
  if (documents.length !== old.length || document === undefined || !isClean(document)) return false
  return keepsAround(edited, text, old[index]) && isEqual(document.toJS(), wanted)
}

function keepsAround(edited: string, text: string, old: Document.Parsed | undefined): boolean {
  const [start, , end] = old?.range ?? [0, 0, 0]
  if (!edited.startsWith(text.slice(0, start)) || !edited.endsWith(text.slice(end))) return false
  // The marker of the next document must stay at the start of a line.
  return edited.endsWith('\n') || !text.endsWith('\n')
}

function editCollection(edit: Edit, node: Collection, change: MapChange | ListChange, owner: Entry | undefined): void {
  const entries = entriesOf(node)
  const first = entries[0]
  if (first === undefined) return
  const column = isBlock(node) ? columnOf(edit.text, first.start) : undefined
  for (const [position, entry] of entries.entries()) {
    const below = change.kind === 'map' ? change.fields.get(entry.key ?? '') : change.items.get(position)
    if (below !== undefined) editEntry(edit, entry, below, column)
  }
  const plan = planOf(entries, change, owner)
  if (plan.removed.size + plan.added.length === 0) return
  if (isBlock(node)) editBlock(edit, plan)
  else editFlow(edit, plan, node)
}

/** `column` is that of the entry in a block collection; undefined in brackets. */
function editEntry(edit: Edit, entry: Entry, change: Change, column: number | undefined): void {
  if (change.kind === 'same') return
  if (change.kind !== 'set' && canEnter(edit, entry.value, change))
    return editCollection(edit, entry.value, change, entry)
  if (column === undefined) replaceInFlow(edit, entry, change.value)
  else replaceInBlock(edit, entry, column, change.value)
}

/** `[a: 1]` holds a map without brackets of its own, where nothing can be added or removed. */
function canEnter(edit: Edit, node: Node | undefined, change: MapChange | ListChange): node is Collection {
  if (change.kind === 'list') return isSeq(node)
  return isMap(node) && (node.flow !== true || edit.text[node.range?.[0] ?? 0] === '{')
}

function planOf(entries: readonly Entry[], change: MapChange | ListChange, owner: Entry | undefined): Plan {
  if (change.kind === 'list') {
    const added = change.added.map((addition): Addition => ({ ...addition, key: undefined }))
    return { entries, removed: change.removed, added, value: change.value, owner }
  }
  const removed = new Set([...entries.keys()].filter((position) => change.removed.has(entries[position]?.key ?? '')))
  const after = entries.findLastIndex((_, position) => !removed.has(position))
  const added = change.added.map(([key, value]): Addition => ({ after, key, value }))
  return { entries, removed, added, value: change.value, owner }
}

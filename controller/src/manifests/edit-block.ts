/** Removes and adds the entries of a map or list that is written with lines: whole lines go and come. */
import { isCollection } from 'yaml'
import { isFields } from './edit-equal.ts'
import {
  blanksBelow,
  columnOf,
  eolAt,
  headOf,
  isFirstOnLine,
  lineEndAbove,
  lineStart,
  nextLine,
  tailOf,
} from './edit-lines.ts'
import { emptyOf, fieldLines, indented, itemLines, renderFlow } from './edit-render.ts'
import type { Entry } from './edit-source.ts'
import { quotesOf, splice, type Edit } from './edit-value.ts'

/** What happens to the entries of one map or list; at least one of `removed` and `added` is not empty. */
export interface Plan {
  /** As written, at least one. */
  readonly entries: readonly Entry[]
  /** Positions in `entries`. */
  readonly removed: ReadonlySet<number>
  /** `after` is the position of an entry that stays, or -1 for the front. */
  readonly added: readonly Addition[]
  /** All that is wanted. */
  readonly value: unknown
  /** The entry whose value the collection is; undefined for the document itself. */
  readonly owner: Entry | undefined
}

export interface Addition {
  readonly after: number
  readonly key: string | undefined
  readonly value: unknown
}

interface Block extends Plan {
  readonly first: Entry
  readonly column: number
}

export function editBlock(edit: Edit, plan: Plan): void {
  const first = plan.entries[0]
  if (first === undefined) return
  const block: Block = { ...plan, first, column: columnOf(edit.text, first.start) }
  if (plan.removed.size === plan.entries.length) refill(edit, block)
  else {
    removeLines(edit, block, removeCompact(edit, block))
    addLines(edit, block)
  }
}

/** Nothing stays: what comes takes the place of the first entry, or the value becomes empty. */
function refill(edit: Edit, block: Block): void {
  const { first, column, owner } = block
  const isBelow = isFirstOnLine(edit.text, first.start)
  if (block.added.length === 0 && owner !== undefined && isBelow) {
    splice(edit, owner.tagEnd, owner.tagEnd, ` ${emptyOf(block.value)}`)
    return removeLines(edit, block, 0)
  }
  const lines = block.added.flatMap((addition) => linesOf(edit, addition, first))
  const text = block.added.length === 0 ? emptyOf(block.value) : joined(edit, first.start, lines, column)
  if (isBelow) splice(edit, headAt(edit, block, 0), first.start, '')
  splice(edit, first.start, tailOf(edit.text, first.end, column), text)
  removeLines(edit, block, 1)
}

/**
 * Removed entries at the front of a map or list that begins behind a dash: what follows moves up to the dash.
 * Answers how many entries are done.
 */
function removeCompact(edit: Edit, block: Block): number {
  const { entries, removed, first, column } = block
  if (isFirstOnLine(edit.text, first.start)) return 0
  let done = 0
  let next = first.start
  for (const [at, entry] of entries.entries()) {
    if (!removed.has(at) || next < headAt(edit, block, at)) break
    next = skipSpace(edit.text, tailOf(edit.text, entry.end, column))
    done = at + 1
  }
  splice(edit, first.start, next, '')
  return done
}

function removeLines(edit: Edit, block: Block, from: number): void {
  const { text } = edit
  for (const [at, entry] of block.entries.entries()) {
    if (at < from || !block.removed.has(at)) continue
    const head = headAt(edit, block, at)
    const end = tailOf(text, entry.end, block.column)
    // A text that keeps its empty lines (`|+`) may stand above: it must not get those below, nor lose its last.
    const tail = edit.isTight ? blanksBelow(text, end) : end
    const line = lineStart(text, head)
    const above = lineEndAbove(text, head)
    const isKept = tail === text.length && text[above - 1] === '\n'
    if (line === 0) splice(edit, 0, nextLine(text, tail), '')
    else splice(edit, isKept ? line : above, tail, '')
  }
}

function addLines(edit: Edit, block: Block): void {
  const { entries, removed, column } = block
  const front = entries.findIndex((_, at) => !removed.has(at))
  for (const addition of block.added) {
    const neighbour = entries[Math.max(addition.after, front)] ?? block.first
    const lines = linesOf(edit, addition, neighbour)
    if (addition.after < 0) {
      const at = headAt(edit, block, front)
      splice(edit, at, at, joined(edit, at, [...lines, ''], column) + ' '.repeat(column))
    } else {
      const at = tailOf(edit.text, neighbour.end, column)
      splice(edit, at, at, joined(edit, at, ['', ...lines], column))
    }
  }
}

/** The head of a document is about the file, not about its first field. */
function headAt(edit: Edit, { entries, first, owner }: Block, at: number): number {
  const { start } = entries[at] ?? first
  if (!isFirstOnLine(edit.text, start)) return start
  return headOf(edit.text, start, at === 0 ? (owner?.from ?? start) : (entries[at - 1]?.end ?? start))
}

function linesOf(edit: Edit, { key, value }: Addition, neighbour: Entry): string[] {
  if (key !== undefined) return fieldLines([[key, value]], edit.style)
  const isFlow = isCollection(neighbour.value) && neighbour.value.flow === true && neighbour.value.items.length > 0
  if (isFlow && (isFields(value) || Array.isArray(value))) return [`- ${renderFlow(value, edit.style)}`]
  return itemLines([value], edit.style, quotesOf(neighbour.value))
}

/** The first line goes where `at` is, the others into the column. */
function joined(edit: Edit, at: number, lines: readonly string[], column: number): string {
  const [head = '', ...rest] = lines
  return [head, ...indented(rest, column)].join(eolAt(edit.text, at))
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (/[ \t\r\n]/.test(text[at] ?? '')) at += 1
  return at
}

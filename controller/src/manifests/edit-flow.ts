/** Removes and adds the entries of a map or list that is written in brackets, on one line or on several. */
import type { Addition, Plan } from './edit-block.ts'
import { columnOf, eolAt, headOf, isFirstOnLine, lineEnd, lineEndAbove } from './edit-lines.ts'
import { emptyOf, renderFlow, renderFlowField } from './edit-render.ts'
import type { Collection, Entry } from './edit-source.ts'
import { quotesOf, splice, type Edit } from './edit-value.ts'

interface Part extends Entry {
  /** Offset of the comma behind it. */
  readonly comma: number | undefined
  /** Begins a line, and nothing but its comma and a comment follow in its last line. */
  readonly hasOwnLine: boolean
}

interface Flow extends Plan {
  readonly parts: readonly Part[]
  /** Position of the last entry that stays; -1 = none does. */
  readonly lastKept: number
  /** `[a, b,]` */
  readonly endsWithComma: boolean
}

export function editFlow(edit: Edit, plan: Plan, node: Collection): void {
  const { entries, removed, added } = plan
  if (removed.size === entries.length && added.length === 0 && empty(edit, plan, node)) return
  const parts = entries.map((entry) => partOf(edit.text, entry))
  const lastKept = parts.findLastIndex((_, at) => !removed.has(at))
  const flow: Flow = { ...plan, parts, lastKept, endsWithComma: parts.at(-1)?.comma !== undefined }
  for (const [at, part] of parts.entries()) {
    if (!removed.has(at)) addAfter(edit, flow, part, at)
    else if (at === 0 && lastKept < 0 && added.length > 0) refill(edit, flow, part)
    else removePart(edit, flow, part, at)
  }
  addBefore(edit, flow)
}

/** Not where a comment stands inside: it stays. */
function empty(edit: Edit, { value }: Plan, { range }: Collection): boolean {
  const [start, end] = range ?? [0, 0]
  if (edit.text.slice(start, end).includes('#')) return false
  splice(edit, start, end, emptyOf(value))
  return true
}

function partOf(text: string, entry: Entry): Part {
  const gap = /(?:[ \t\r\n]+|#[^\n]*)*/y
  gap.lastIndex = entry.end
  gap.test(text)
  const comma = text[gap.lastIndex] === ',' ? gap.lastIndex : undefined
  const isNear = comma === undefined || !text.slice(entry.end, comma).includes('\n')
  const rest = /[ \t]*(?:#[^\n]*|\r?\n|$)/y
  rest.lastIndex = isNear && comma !== undefined ? comma + 1 : entry.end
  return { ...entry, comma, hasOwnLine: isNear && isFirstOnLine(text, entry.start) && rest.test(text) }
}

/** What comes takes the place of the first entry. */
function refill(edit: Edit, flow: Flow, part: Part): void {
  splice(edit, part.start, part.end, flow.added.map((addition) => written(edit, addition, part)).join(', '))
  setComma(edit, part, flow.endsWithComma)
}

function setComma(edit: Edit, { comma, end }: Part, isWanted: boolean): void {
  if (comma === undefined && isWanted) splice(edit, end, end, ',')
  if (comma !== undefined && !isWanted) splice(edit, comma, comma + 1, '')
}

function addAfter(edit: Edit, flow: Flow, part: Part, at: number): void {
  const texts = flow.added.filter(({ after }) => after === at).map((addition) => written(edit, addition, part))
  const endsList = at === flow.lastKept && !flow.endsWithComma
  setComma(edit, part, texts.length > 0 || !endsList)
  const behind = part.comma === undefined ? part.end : part.comma + 1
  const place = part.hasOwnLine ? lineEnd(edit.text, behind) : behind
  const gap = part.hasOwnLine ? newLine(edit, part) : ' '
  for (const [nth, text] of texts.entries())
    splice(edit, place, place, gap + text + (endsList && nth === texts.length - 1 ? '' : ','))
}

function addBefore(edit: Edit, flow: Flow): void {
  const front = flow.parts.findIndex((_, at) => !flow.removed.has(at))
  const part = flow.parts[front]
  if (part === undefined) return
  const place = part.hasOwnLine ? headOf(edit.text, part.start, limitOf(flow, front)) : part.start
  for (const addition of flow.added) {
    if (addition.after >= 0) continue
    const gap = part.hasOwnLine ? newLine(edit, part) : ' '
    splice(edit, place, place, `${written(edit, addition, part)},${gap}`)
  }
}

function removePart(edit: Edit, flow: Flow, part: Part, at: number): void {
  const { text } = edit
  const { start, end, comma } = part
  if (part.hasOwnLine) {
    const head = headOf(text, start, limitOf(flow, at))
    return splice(edit, lineEndAbove(text, head), lineEnd(text, comma ?? end), '')
  }
  const isNear = comma !== undefined && !text.slice(end, comma).includes('\n')
  if (comma !== undefined && !isNear) splice(edit, comma, comma + 1, '')
  const behind = isNear ? comma + 1 : end
  // The space between entries goes with the entry that is not at the edge.
  if (at > flow.lastKept && at > 0) splice(edit, skip(text, start, -1), behind, '')
  else splice(edit, start, skip(text, behind, 1), '')
}

function limitOf(flow: Flow, at: number): number {
  const above = flow.parts[at - 1]
  return above === undefined ? (flow.owner?.from ?? 0) : (above.comma ?? above.end)
}

function newLine(edit: Edit, part: Part): string {
  return eolAt(edit.text, part.start) + ' '.repeat(columnOf(edit.text, part.start))
}

function written(edit: Edit, { key, value }: Addition, neighbour: Part): string {
  if (key === undefined) return renderFlow(value, edit.style, quotesOf(neighbour.value))
  return renderFlowField(key, value, edit.style, edit.text[neighbour.start] === '"' ? 'double' : 'plain')
}

function skip(text: string, from: number, step: 1 | -1): number {
  let at = from
  while (/[ \t]/.test(text[step === 1 ? at : at - 1] ?? '')) at += step
  return at
}

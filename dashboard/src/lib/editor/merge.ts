/** Brings two changes that began with one text together, line by line. Pure. */
import { structuredPatch } from 'diff'

/** Lines of the base from `from` up to, not including, `to` become others. */
interface Change {
  readonly from: number
  readonly to: number
  readonly lines: readonly string[]
}

/** Both changes in one text; undefined where they meet or touch, and a person has to choose. */
export function mergeTexts(base: string, theirs: string, yours: string): string | undefined {
  if (theirs === base || theirs === yours) return yours
  const [ours, others] = [changesOf(base, yours), changesOf(base, theirs)]
  if (ours.some((one) => others.some((other) => one.from <= other.to && other.from <= one.to))) return undefined
  // From the end on, so that the places of the earlier ones still hold.
  const changes = [...ours, ...others].toSorted((a, b) => b.from - a.from)
  const lines = linesOf(base)
  for (const { from, to, lines: next } of changes) lines.splice(from, to - from, ...next)
  return lines.join('')
}

function changesOf(before: string, after: string): Change[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 0 })
  const wanted = linesOf(after)
  return hunks.map(({ oldStart, oldLines, newStart, newLines }) => {
    const [from, begin] = [oldStart - 1, newStart - 1]
    return { from, to: from + oldLines, lines: wanted.slice(begin, begin + newLines) }
  })
}

/** With their ends, so that nothing is lost of how they end. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

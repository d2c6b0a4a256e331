/** A line as it is drawn: its words, each with its colour, and whether it was searched for. Pure. */
import { spansOf, type Span } from './ansi.ts'
import { hitsIn } from './search.ts'

export interface Segment extends Span {
  readonly isHit: boolean
}

/** A hit may begin in one colour and end in another. */
export function segmentsOf(text: string, query: string): readonly Segment[] {
  const spans = spansOf(text)
  if (query === '') return spans.map((span) => ({ ...span, isHit: false }))
  const segments: Segment[] = []
  let at = 0
  let usedUp = 0
  for (const { text: part, isHit } of hitsIn(spans.map((span) => span.text).join(''), query)) {
    for (let left = part.length; left > 0;) {
      const span = spans[at]
      if (span === undefined) return segments
      const words = span.text.slice(usedUp, usedUp + left)
      segments.push({ ...span, text: words, isHit })
      left -= words.length
      usedUp += words.length
      if (usedUp < span.text.length) continue
      at += 1
      usedUp = 0
    }
  }
  return segments
}

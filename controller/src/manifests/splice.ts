/** Replaces ranges of a text and leaves every byte outside them as it is. */

/** `start === end` inserts. Offsets are those of the original text. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Undefined = two splices want the same bytes. Deletions may overlap each other. At one offset an insertion comes
 * before what replaces the bytes behind it, and insertions keep the order in which they were given.
 */
export function applySplices(text: string, splices: readonly Splice[]): string | undefined {
  const ordered = splices.toSorted((a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start))
  const pieces: string[] = []
  let done = 0
  for (const { start, end, text: replacement } of ordered) {
    if (start < done && replacement !== '') return undefined
    pieces.push(text.slice(done, Math.max(start, done)), replacement)
    done = Math.max(end, done)
  }
  pieces.push(text.slice(done))
  return pieces.join('')
}

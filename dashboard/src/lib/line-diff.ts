/** What two texts of a file differ in, as lines with their numbers and a little of what stands around them. Pure. */
import { structuredPatch } from 'diff'

export interface DiffLine {
  readonly type: 'Same' | 'Removed' | 'Added'
  /** From 1, in the new text; of a removed line in the old one. */
  readonly number: number
  readonly text: string
}

/** Runs of lines that belong together; between them lines were left out. */
export type Hunk = readonly DiffLine[]

const CONTEXT_LINES = 1

export function diffLines(before: string, after: string): readonly Hunk[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES })
  return hunks.map(({ oldStart, newStart, lines }) => {
    let [oldLine, newLine] = [oldStart, newStart]
    return lines
      .filter((line) => !line.startsWith('\\'))
      .map((line): DiffLine => {
        const text = line.slice(1)
        if (line.startsWith('-')) return { type: 'Removed', number: oldLine++, text }
        if (line.startsWith('+')) return { type: 'Added', number: newLine++, text }
        oldLine += 1
        return { type: 'Same', number: newLine++, text }
      })
  })
}

/** Brings a change that began with one text onto another text of the same file. Pure. */
import { applyPatch, structuredPatch } from 'diff'

/** Both changes in one text; undefined where they meet, and a person has to choose. */
export function mergeTexts(base: string, theirs: string, yours: string): string | undefined {
  if (theirs === base || theirs === yours) return yours
  const merged = applyPatch(theirs, structuredPatch('', '', base, yours, '', '', { context: 1 }))
  return merged === false ? undefined : merged
}

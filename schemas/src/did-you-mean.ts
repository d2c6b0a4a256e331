/** The known word that a mistyped one is nearest to, as the end of a sentence. */
import { closest, distance } from 'fastest-levenshtein'

/** `; did you mean "get"?`, or nothing when no known word is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return ''
  const near = closest(word, [...candidates])
  return distance(word.toLowerCase(), near.toLowerCase()) <= Math.max(2, Math.floor(near.length / 3))
    ? `; did you mean ${JSON.stringify(near)}?`
    : ''
}

/** What happens next, as a sentence that counts down while orc is heard of. */
import { clock } from '#lib/clock.svelte.ts'
import { formatDuration, formatTimeOfDay } from '#lib/format.ts'
import type { NextStart } from '#lib/service-view.ts'

/** '' when nothing is due. */
export function sayNext(next: NextStart | undefined, staleSinceMs: number | undefined): string {
  if (next === undefined) return ''
  const { what, atMs } = next
  if (staleSinceMs !== undefined) return `${what} was due at ${formatTimeOfDay(atMs)}.`
  const leftMs = atMs - clock.nowMs()
  return leftMs > 0 ? `${what} in ${formatDuration(leftMs + 999)}.` : `${what} now.`
}

/** Which changes of a service are for the reconciler. */
import { RESTARTED_AT } from '@orc/schemas'
import type { WatchEvent } from '../cache/watch-event.ts'

/** True for a change of the wish, not of the status that the reconciler itself wrote. */
export function isWanted(change: WatchEvent): boolean {
  if (change.type !== 'MODIFIED' || change.previous === undefined) return true
  const [before, after] = [change.previous.metadata, change.object.metadata]
  return (
    before.uid !== after.uid ||
    before.generation !== after.generation ||
    before.annotations?.[RESTARTED_AT] !== after.annotations?.[RESTARTED_AT]
  )
}

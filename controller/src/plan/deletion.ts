/** What the deletion of a pod means for the runs of its replica. */
import type { ObservedRun } from '../runtime/runtime.ts'
import { isLive, type PodDeletion, type World } from './world.ts'

/** The deletion that this run is to end for. */
export function deletionOfRun({ deletions }: World, { ref, record }: ObservedRun): PodDeletion | undefined {
  return deletions.find(
    ({ uid, ordinal, incarnation }) => uid === ref.uid && ordinal === ref.ordinal && record.incarnation === incarnation,
  )
}

/** The latest incarnation that was deleted at the ordinal, as far as it is remembered; 0 = none. */
export function deletedIncarnation({ deletions, accepted }: World, ordinal: number): number {
  return deletions.find((deletion) => deletion.uid === accepted?.uid && deletion.ordinal === ordinal)?.incarnation ?? 0
}

/**
 * A deletion is remembered until a later incarnation runs: until then nothing else says that its pod is over. One of a
 * replica that nobody wants any more is over when the replica is.
 */
export function isSettled({ accepted, slots }: World, { uid, ordinal, incarnation }: PodDeletion): boolean {
  const runs = slots.find(({ ref }) => ref.uid === uid && ref.ordinal === ordinal)?.runs ?? []
  const newest = runs.at(-1)
  if (newest !== undefined && newest.record.incarnation > incarnation) return true
  const isWanted = accepted?.uid === uid && ordinal < accepted.spec.replicas
  return !isWanted && !runs.some(isLive)
}

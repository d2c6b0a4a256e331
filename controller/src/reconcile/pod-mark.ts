/** The mark of a deleted pod in the words of the planner and of the API, and its end. */
import type { PodDeletions, PodMark } from '../objects/pod-deletions.ts'
import type { PodDeletion } from '../plan/world.ts'
import type { ServiceRef } from '../runtime/runtime.ts'
import type { PodContext } from './pod.ts'

/** As the planner sees it. */
export function factOf({ serviceUid, ordinal, incarnation, gracePeriodSeconds }: PodMark): PodDeletion {
  return { uid: serviceUid, ordinal, incarnation, graceMs: gracePeriodSeconds * 1000 }
}

/** As the Pod shows it. */
export function deletionOf({ deletionTimestamp, gracePeriodSeconds }: PodMark): PodContext['deletion'] {
  return { deletionTimestamp, deletionGracePeriodSeconds: gracePeriodSeconds }
}

export async function forgetDeletion(
  deletions: PodDeletions,
  { namespace, name }: ServiceRef,
  { uid, ordinal, incarnation }: PodDeletion,
): Promise<void> {
  for (const mark of deletions.of(namespace, name))
    if (mark.serviceUid === uid && mark.ordinal === ordinal && mark.incarnation === incarnation)
      await deletions.remove(mark)
}

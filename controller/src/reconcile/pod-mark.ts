/** The mark of a deleted pod in the words of the planner and of the API. Pure. */
import type { PodMark } from '../objects/pod-deletions.ts'
import type { PodDeletion } from '../plan/world.ts'
import type { PodContext } from './pod.ts'

/** As the planner sees it. */
export function factOf({ serviceUid, ordinal, incarnation, gracePeriodSeconds }: PodMark): PodDeletion {
  return { uid: serviceUid, ordinal, incarnation, graceMs: gracePeriodSeconds * 1000 }
}

/** As the Pod shows it. */
export function deletionOf({ deletionTimestamp, gracePeriodSeconds }: PodMark): PodContext['deletion'] {
  return { deletionTimestamp, deletionGracePeriodSeconds: gracePeriodSeconds }
}

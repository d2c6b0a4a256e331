/** What happened to replicas between runs: a start was refused, a wait was begun, no run is to follow. */
import { REASONS, type Reason } from '@orc/schemas'
import type { Happening, Pass } from './happening.ts'
import type { ReplicaView, StartFailure } from './world.ts'

export interface ReplicasTelling {
  readonly happenings: readonly Happening[]
  /** By ordinal: which refusal or which wait was told last. */
  readonly told: ReadonlyMap<number, string>
}

export function happeningsOfReplicas(before: ReadonlyMap<number, string> | undefined, pass: Pass): ReplicasTelling {
  const { world, decided } = pass
  const told = new Map<number, string>()
  const happenings: Happening[] = []
  for (const view of decided.replicas) {
    const failure = world.startFailures.get(view.ordinal)
    const moment = momentOf(view, failure)
    const known = before?.get(view.ordinal)
    // Between two waits there are other moments, of which there is nothing to tell here.
    const current = moment ?? known
    if (current !== undefined) told.set(view.ordinal, current)
    if (moment === undefined || moment === known || (before === undefined && isOld(view, failure, pass))) continue
    happenings.push({
      replica: {
        uid: world.accepted?.uid ?? '',
        ordinal: view.ordinal,
        incarnation: view.incarnation,
      },
      ...sayingOf(view, failure, world.accepted?.spec.restartPolicy ?? 'Always'),
    })
  }
  return { happenings, told }
}

/** To a controller that has just begun: it did not try that start, and this wait began under the one before. */
function isOld({ lastEnded }: ReplicaView, failure: StartFailure | undefined, { remembered }: Pass): boolean {
  return failure === undefined && (lastEnded === undefined || remembered.has(lastEnded.record.runId))
}

const WAITS: readonly Reason[] = ['BackOff', 'CrashLoopBackOff', 'Completed', 'Failed']

/** Names the refusal, or the wait after a run; another one has another name. */
function momentOf({ reason, lastEnded }: ReplicaView, failure: StartFailure | undefined): string | undefined {
  if (failure !== undefined) return `refused ${String(failure.failedAtMs)}`
  return WAITS.includes(reason) ? `${reason} ${lastEnded?.record.runId ?? ''}` : undefined
}

function sayingOf(
  { reason }: ReplicaView,
  failure: StartFailure | undefined,
  restartPolicy: string,
): Pick<Happening, 'type' | 'reason' | 'message'> {
  if (failure !== undefined) return { type: 'Warning', reason: failure.reason, message: failure.message }
  const isFinal = reason === 'Completed' || reason === 'Failed'
  const message = isFinal ? `It is not started again: restartPolicy is ${restartPolicy}.` : REASONS[reason]
  return { type: reason === 'Completed' ? 'Normal' : 'Warning', reason, message }
}

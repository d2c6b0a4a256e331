/** The conditions of a service from how its replicas stand. First matching rule wins; the only place that makes them. */
import type { AcceptedSpec, Judgement, Reason } from '@orc/schemas'
import { pausedSentence, rollingOutSentence, roomForRolloutSentence } from './messages.ts'
import type { Rollout } from './rollout.ts'
import type { ReplicaView, Shortage } from './world.ts'

/** orc cannot go on by itself: somebody has to do something. */
const STALLED: readonly Reason[] = [
  'StartFailed',
  'ReferenceNotFound',
  'PortConflict',
  'InsufficientHostCapacity',
  'Unkillable',
]

/** The worst first: the reason of a service is that of its worst replica. */
const SEVERITY: readonly Reason[] = [
  ...STALLED,
  'CrashLoopBackOff',
  'BackOff',
  'ProbeFailed',
  'Failed',
  'InitFailed',
  'DependencyNotReady',
  'Stopping',
  'Starting',
  'Initializing',
  'WaitingForReady',
  'Completed',
  'ControllerShutdown',
  'Stopped',
]

/** Nothing more happens by itself. */
const SETTLED: readonly Reason[] = ['Ready', 'Stopped', 'Completed', 'Failed', 'ProbeFailed', ...STALLED]

/** What the replicas alone do not tell. */
export interface Scenery {
  /** Replicas that are no longer wanted and have a process. */
  readonly stopping: number
  readonly rollout: Rollout
  /** The revision failed, and there is one to return to: nobody has to do anything. */
  readonly isTakenBack: boolean
  /** Another revision waits because the rollout is paused. */
  readonly isHeld: boolean
  /** What a replica that is to be replaced, or that is to stand in for one, waits for. */
  readonly shortage: Shortage | undefined
  /** The service is to be down: nothing rolls. */
  readonly isDown: boolean
}

/** The replica that stands in for others is not among those that must be ready. */
export function judge(spec: AcceptedSpec, replicas: readonly ReplicaView[], scenery: Scenery): readonly Judgement[] {
  const wanted = replicas.slice(0, spec.replicas)
  const worst = worstOf(wanted)
  const failure = scenery.isTakenBack || scenery.isDown ? undefined : scenery.rollout.failure
  return [
    ready(spec, wanted, worst),
    progressing(spec, replicas, worst, { ...scenery, isStuck: isStuck(worst, failure) }),
    stalled(worst, failure),
  ]
}

function worstOf(replicas: readonly ReplicaView[]): ReplicaView | undefined {
  const rank = (view: ReplicaView): number =>
    (SEVERITY.indexOf(view.reason) + SEVERITY.length + 1) % (SEVERITY.length + 1)
  return replicas.filter((view) => !view.ready).toSorted((a, b) => rank(a) - rank(b))[0]
}

function ready(spec: AcceptedSpec, replicas: readonly ReplicaView[], worst: ReplicaView | undefined): Judgement {
  const total = replicas.length
  if (worst !== undefined) {
    const count = replicas.filter((view) => view.ready).length
    const where =
      total > 1 ? `${String(count)} of ${String(total)} replicas ready; replica ${String(worst.ordinal)}: ` : ''
    const plain = worst.reason === 'Stopped' || worst.reason === 'ControllerShutdown'
    return { type: 'Ready', status: 'False', reason: worst.reason, message: `${plain ? '' : where}${worst.message}` }
  }
  if (spec.replicas === 0)
    return { type: 'Ready', status: 'True', reason: 'ScaledToZero', message: 'No replicas are wanted.' }
  const message = total === 1 ? 'Ready.' : `All ${String(total)} replicas are ready.`
  return { type: 'Ready', status: 'True', reason: 'Ready', message }
}

function progressing(
  spec: AcceptedSpec,
  replicas: readonly ReplicaView[],
  worst: ReplicaView | undefined,
  { stopping, rollout, isHeld, isDown, isStuck, shortage }: Scenery & { readonly isStuck: boolean },
): Judgement {
  // One replica that cannot go on outweighs others that still move: Stalled and Progressing are never both true.
  if (isStuck) return settled('Progressing', 'Nothing is left to do.')
  const rolls = !isDown && replicas.length > 0
  const moving = replicas.find((view) => !SETTLED.includes(view.reason))
  const halt = moving === undefined ? shortage : undefined
  if (rolls && (rollout.isReplacing || isHeld)) return rolling(spec, rollout, halt)
  if (moving !== undefined)
    return { type: 'Progressing', status: 'True', reason: moving.reason, message: moving.message }
  if (rolls && rollout.isRolling && worst === undefined) return rolling(spec, rollout, halt)
  if (stopping > 0) {
    const message = `${String(stopping)} replicas that are no longer wanted are being stopped.`
    return { type: 'Progressing', status: 'True', reason: 'Stopping', message }
  }
  return settled('Progressing', 'Nothing is left to do.')
}

function rolling(
  { replicas, updateStrategy }: AcceptedSpec,
  { updated }: Rollout,
  halt: Shortage | undefined,
): Judgement {
  if (updateStrategy.paused === true)
    return { type: 'Progressing', status: 'False', reason: 'RolloutPaused', message: pausedSentence() }
  if (halt !== undefined) {
    const message = roomForRolloutSentence(halt)
    return { type: 'Progressing', status: 'False', reason: 'InsufficientHostCapacity', message }
  }
  return { type: 'Progressing', status: 'True', reason: 'RollingOut', message: rollingOutSentence(updated, replicas) }
}

function isStuck(worst: ReplicaView | undefined, failure: string | undefined): boolean {
  return worst !== undefined && (STALLED.includes(worst.reason) || failure !== undefined)
}

function stalled(worst: ReplicaView | undefined, failure: string | undefined): Judgement {
  if (worst !== undefined && STALLED.includes(worst.reason))
    return { type: 'Stalled', status: 'True', reason: worst.reason, message: worst.message }
  if (worst !== undefined && failure !== undefined)
    return { type: 'Stalled', status: 'True', reason: 'ProgressDeadlineExceeded', message: failure }
  return settled('Stalled', 'orc can go on by itself.')
}

function settled(type: 'Progressing' | 'Stalled', message: string): Judgement {
  return { type, status: 'False', reason: 'Settled', message }
}

/** The conditions of a service from how its replicas stand. First matching rule wins; the only place that makes them. */
import type { AcceptedSpec, Judgement, Reason } from '@orc/schemas'
import type { ReplicaView } from './world.ts'

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
  'Stopping',
  'Starting',
  'WaitingForReady',
  'Completed',
  'ControllerShutdown',
  'Stopped',
]

/** Nothing more happens by itself. */
const SETTLED: readonly Reason[] = ['Ready', 'Stopped', 'Completed', 'Failed', 'ProbeFailed', ...STALLED]

export function judge(spec: AcceptedSpec, replicas: readonly ReplicaView[], stopping: number): readonly Judgement[] {
  const worst = worstOf(replicas)
  return [ready(spec, replicas, worst), progressing(replicas, worst, stopping), stalled(worst)]
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

function progressing(replicas: readonly ReplicaView[], worst: ReplicaView | undefined, stopping: number): Judgement {
  const moving = replicas.find((view) => !SETTLED.includes(view.reason))
  // One replica that cannot go on outweighs others that still move: Stalled and Progressing are never both true.
  if (worst === undefined || !STALLED.includes(worst.reason)) {
    if (moving !== undefined)
      return { type: 'Progressing', status: 'True', reason: moving.reason, message: moving.message }
    if (stopping > 0)
      return {
        type: 'Progressing',
        status: 'True',
        reason: 'Stopping',
        message: `${String(stopping)} replicas that are no longer wanted are being stopped.`,
      }
  }
  return { type: 'Progressing', status: 'False', reason: 'Settled', message: 'Nothing is left to do.' }
}

function stalled(worst: ReplicaView | undefined): Judgement {
  if (worst !== undefined && STALLED.includes(worst.reason))
    return { type: 'Stalled', status: 'True', reason: worst.reason, message: worst.message }
  return { type: 'Stalled', status: 'False', reason: 'Settled', message: 'orc can go on by itself.' }
}

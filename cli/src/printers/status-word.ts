/** How a service or a replica stands, in one word as `kubectl get pods` has it, and whether that is good. */
import { findCondition, type AgentService, type Pod, type RevisionState } from '@orc/schemas'
import type { Colors, Paint } from './colors.ts'

/** `Running`, the reason why it is not ready, or both: `Running,InvalidManifest` is well, but not as declared. */
export function serviceStatus({ metadata, status }: AgentService): string {
  if (metadata.deletionTimestamp) return 'Terminating'
  const ready = findCondition(status?.conditions, 'Ready')
  if (ready === undefined) return 'Pending'
  const accepted = findCondition(status?.conditions, 'Accepted')
  const word = ready.reason === 'Ready' ? 'Running' : ready.reason
  return accepted?.status === 'False' ? `${word},${accepted.reason}` : word
}

export function podStatus({ metadata, status }: Pod): string {
  if (metadata.deletionTimestamp) return 'Terminating'
  const [container] = status.containerStatuses
  if (status.reason === 'Ready') return 'Running'
  return container.state.waiting?.reason ?? container.state.terminated?.reason ?? status.reason ?? status.phase
}

const GOOD = ['Running', 'Completed', 'Loaded']
const QUIET = ['Stopped', 'ScaledToZero']
const WAITING = ['Pending', 'Starting', 'WaitingForReady', 'Stopping', 'Terminating', 'DependencyNotReady', 'BackOff']

export function statusPaint(word: string, colors: Colors): Paint {
  if (GOOD.includes(word)) return colors.good
  if (QUIET.includes(word)) return colors.quiet
  return WAITING.includes(word) || word.startsWith('Running,') ? colors.warn : colors.bad
}

export function revisionPaint(state: RevisionState, colors: Colors): Paint {
  const paints = { InForce: colors.good, Proven: colors.quiet, Rejected: colors.bad, New: colors.quiet }
  return paints[state]
}

/** How far the rollout of a service is, in the sentences of kubectl where it has one. Pure. */
import { findCondition, type AgentService } from '@orc/schemas'

export interface RolloutState {
  /** Only `Waiting` changes without somebody's doing. */
  readonly type: 'Waiting' | 'Complete' | 'Paused' | 'Failed'
  readonly message: string
}

export function rolloutState(service: AgentService): RolloutState {
  const { metadata, status = {} } = service
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0) || status.conditions === undefined)
    return { type: 'Waiting', message: 'Waiting for agentservice spec update to be observed...' }
  return refused(service) ?? paused(service) ?? short(service) ?? ended(service) ?? waiting(service)
}

/** What the files say is not in force, or orc cannot go on by itself. */
function refused({ metadata, status }: AgentService): RolloutState | undefined {
  const accepted = findCondition(status?.conditions, 'Accepted')
  const stalled = findCondition(status?.conditions, 'Stalled')
  const why = accepted?.status === 'False' ? accepted : stalled?.status === 'True' ? stalled : undefined
  if (why === undefined) return undefined
  return {
    type: 'Failed',
    message: `agentservice "${metadata.name}" ${WORDS[why.reason] ?? why.reason}: ${why.message}`,
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ProgressDeadlineExceeded: 'exceeded its progress deadline',
  RolledBack: 'was rolled back',
}

function paused({ metadata, status }: AgentService): RolloutState | undefined {
  if (findCondition(status?.conditions, 'Progressing')?.reason !== 'RolloutPaused') return undefined
  const { name } = metadata
  return { type: 'Paused', message: `agentservice "${name}" is paused; "orc rollout resume ${name}" lets it go on` }
}

/** The old replicas serve; there is no room for new ones. */
function short({ metadata, status }: AgentService): RolloutState | undefined {
  const progressing = findCondition(status?.conditions, 'Progressing')
  if (progressing?.reason !== 'InsufficientHostCapacity') return undefined
  const to = `Waiting for agentservice "${metadata.name}" rollout to finish:`
  return { type: 'Waiting', message: `${to} ${progressing.message}` }
}

function ended({ metadata, spec, status }: AgentService): RolloutState | undefined {
  if (findCondition(status?.conditions, 'Progressing')?.status !== 'False') return undefined
  const ready = findCondition(status?.conditions, 'Ready')
  const name = `agentservice "${metadata.name}"`
  if (ready?.reason === 'Failed') return { type: 'Failed', message: `${name} failed: ${ready.message}` }
  if (ready?.reason === 'Stopped') return { type: 'Complete', message: `${name} is stopped` }
  const isThere = (status?.availableReplicas ?? 0) >= (spec.replicas ?? 1)
  if (!isThere && ready?.reason !== 'Completed') return undefined
  return { type: 'Complete', message: `${name} successfully rolled out` }
}

function waiting({ metadata, spec, status }: AgentService): RolloutState {
  const { replicas: wanted = 1 } = spec
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {}
  const to = `Waiting for agentservice "${metadata.name}" rollout to finish:`
  const message =
    updatedReplicas < wanted
      ? `${String(updatedReplicas)} out of ${String(wanted)} new replicas have been updated...`
      : replicas > updatedReplicas
        ? `${String(replicas - updatedReplicas)} old replicas are pending termination...`
        : availableReplicas < updatedReplicas
          ? `${String(availableReplicas)} of ${String(updatedReplicas)} updated replicas are available...`
          : findCondition(status?.conditions, 'Progressing')?.message
  return { type: 'Waiting', message: `${to} ${message ?? ''}` }
}

/** How revisions of a service follow each other, and which one is in force. Pure. */
import { formatBytes, parseQuantity, type AgentService, type ControllerRevision, type Pod } from '@orc/schemas'
import { ageOf } from '../printers/age.ts'
import type { Fields } from '../printers/fields.ts'
import { rolloutState } from '../rollout/rollout-state.ts'

/** `revisions` may hold those of other services too. */
export function rolloutFields(service: AgentService, revisions: readonly ControllerRevision[], nowMs: number): Fields {
  const { spec, status } = service
  const find = (hash: string | undefined): ControllerRevision | undefined =>
    revisions.find(({ metadata, orc }) => orc.revision === hash && isOf(metadata, service))
  return [
    ['Updates', strategy(spec)],
    ['Revision', status?.currentRevision && revisionWords(status.currentRevision, find(status.currentRevision), nowMs)],
    ['Rollout', status?.conditions === undefined ? undefined : progress(service)],
    ['Rejected', status?.rejectedRevision && rejectedWords(status.rejectedRevision, find(status.rejectedRevision))],
  ]
}

function isOf({ name, namespace }: ControllerRevision['metadata'], { metadata }: AgentService): boolean {
  return namespace === metadata.namespace && name.startsWith(`${metadata.name}-`)
}

function strategy({ updateStrategy }: AgentService['spec']): string | undefined {
  if (updateStrategy === undefined) return undefined
  const { type = 'RollingUpdate', maxUnavailable = 1, maxSurge = 0, minReadySeconds = 0 } = updateStrategy
  const { progressDeadlineSeconds = 600, autoRollback = true, paused = false } = updateStrategy
  const how = type === 'Recreate' ? '' : `, ${String(maxUnavailable)} may be missing, ${String(maxSurge)} extra`
  const soak = minReadySeconds === 0 ? '' : `, ready for ${String(minReadySeconds)}s`
  const failed = `fails after ${String(progressDeadlineSeconds)}s${autoRollback ? ' and is taken back' : ''}`
  return `${type}${how}${soak}, ${failed}${paused ? '; paused' : ''}`
}

function revisionWords(hash: string, known: ControllerRevision | undefined, nowMs: number): string {
  if (known === undefined) return hash
  return `${String(known.revision)} (${hash}), in force for ${ageOf(known.metadata.creationTimestamp, nowMs)}`
}

function rejectedWords(hash: string, known: ControllerRevision | undefined): string {
  if (known === undefined) return hash
  return `${String(known.revision)} (${hash}): ${known.orc.message ?? ''}`
}

/** Without the name, and without the reason of a failure, which stands among the conditions. */
function progress(service: AgentService): string {
  const { type, message } = rolloutState(service)
  const words = message.replace(/^.* rollout to finish: /, '').replace(/^agentservice "[^"]*" /, '')
  return type === 'Failed' ? words.replace(/: .*$/s, '') : words
}

/** `cpu 12m, memory 64Mi, 3 processes`, as far as it was measured. */
export function usageWords({ cpu, memory, processes }: Pod['status']['orc']): string | undefined {
  const words = [
    ...(cpu === undefined ? [] : [`cpu ${cpu}`]),
    ...(memory === undefined ? [] : [`memory ${formatBytes(parseQuantity(memory) ?? 0)}`]),
    ...(processes === undefined ? [] : [`${String(processes)} process${processes === 1 ? '' : 'es'}`]),
  ]
  return words.length === 0 ? undefined : words.join(', ')
}

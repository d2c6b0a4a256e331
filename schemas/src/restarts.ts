/** What applying a change would do to the processes of a service, in one sentence. Pure. */
import { RESTARTED_AT } from './annotations.ts'
import type { AgentService } from './generated/index.ts'
import { RUN_RELEVANT_FIELDS } from './run-relevant.ts'
import { isSameJson } from './same-json.ts'

/** Both with their defaults, as the server answers them; `live` is undefined for a new one. */
export function restartSentence(live: AgentService | undefined, merged: AgentService): string {
  const wanted = replicasOf(merged)
  if (live === undefined) return wanted === 0 ? 'is new, and does not run' : `is new, and starts ${replicas(wanted)}`
  const present = replicasOf(live)
  if (wanted === 0) return present === 0 ? 'does not run, so nothing restarts' : `stops all ${replicas(present)}`
  if (present === 0) return `starts ${replicas(wanted)}`
  const causes = restartCauses(live, merged)
  const scaled = scaleSentence(present, wanted)
  return causes.length === 0
    ? `restarts nothing${scaled}`
    : `restarts ${replicas(Math.min(present, wanted))}, because of ${causes.join(', ')}${scaled}`
}

function scaleSentence(present: number, wanted: number): string {
  if (present === wanted) return ''
  return wanted > present ? `, and starts ${String(wanted - present)} more` : `, and stops ${String(present - wanted)}`
}

/** Paths of the fields that need a new process. */
export function restartCauses(live: AgentService, merged: AgentService): readonly string[] {
  const fields = RUN_RELEVANT_FIELDS.filter((field) => !isSameJson(live.spec[field], merged.spec[field]))
  const restartedAt = ({ metadata }: AgentService): string => metadata.annotations?.[RESTARTED_AT] ?? ''
  return [
    ...fields.map((field) => `spec.${field}`),
    ...(restartedAt(live) === restartedAt(merged) ? [] : [`the annotation ${RESTARTED_AT}`]),
  ]
}

function replicasOf({ spec }: AgentService): number {
  return spec.operatingMode === 'Stopped' ? 0 : (spec.replicas ?? 1)
}

function replicas(count: number): string {
  return `${String(count)} replica${count === 1 ? '' : 's'}`
}

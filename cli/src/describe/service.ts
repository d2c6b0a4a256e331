/** All about a service: what is wanted, what is, and why. Pure. */
import type { AgentService, Condition, ControllerRevision, Manifest, Pod } from '@orc/schemas'
import { ageOf } from '../printers/age.ts'
import { podsOf } from '../printers/agent-service-row.ts'
import type { Colors } from '../printers/colors.ts'
import { formatFields, type Fields } from '../printers/fields.ts'
import { serviceStatus } from '../printers/status-word.ts'
import { formatTable, type Row } from '../printers/table.ts'
import { formatReplica } from './replica.ts'
import { metadataFields } from './metadata.ts'
import { rolloutFields } from './rollout-fields.ts'
import { specFields } from './spec-fields.ts'

export interface DescribeOptions {
  readonly nowMs: number
  readonly raw: boolean
  readonly colors: Colors
}

export interface ServiceFacts {
  readonly service: AgentService
  /** May hold those of other services too. */
  readonly pods: readonly Pod[]
  readonly manifests: readonly Manifest[]
  /** As with the pods. */
  readonly revisions: readonly ControllerRevision[]
}

export function describeService(facts: ServiceFacts, options: DescribeOptions): string {
  const { service, manifests } = facts
  const { colors, raw } = options
  const replicas = podsOf(service, facts.pods)
  const fields: Fields = [
    ...metadataFields(service, options.nowMs),
    ['Manifest', manifests.filter((manifest) => declares(manifest, service)).map(({ spec }) => spec.path)],
    ['Status', serviceStatus(service)],
    ['Replicas', replicaCounts(service)],
    ...rolloutFields(service, facts.revisions, options.nowMs),
    ...specFields(service),
  ]
  return [
    formatFields(fields, { raw }),
    `\n${colors.strong('Conditions')}\n${formatConditions(service.status?.conditions ?? [], options)}`,
    ...replicas.map(
      (pod) =>
        `\n${colors.strong(`Replica ${pod.metadata.name}`)}\n${formatReplica(pod, { ...options, indent: '  ', configRevision: service.status?.configRevision })}`,
    ),
    formatWarnings(fileWarnings(service, manifests), options),
  ].join('')
}

function replicaCounts({ spec, status }: AgentService): string {
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0 } = status ?? {}
  const outdated = replicas - updatedReplicas
  const old = outdated > 0 ? `, ${String(outdated)} of an older revision` : ''
  return `${String(spec.replicas ?? 1)} wanted, ${String(replicas)} running, ${String(readyReplicas)} ready${old}`
}

export function formatConditions(conditions: readonly Condition[], { nowMs, colors, raw }: DescribeOptions): string {
  if (conditions.length === 0) return '  (none yet)\n'
  const rows = conditions.map(({ type, status, reason, message, lastTransitionTime }): Row => [
    type,
    { text: status, ...(isTrouble(type, status) ? { paint: colors.bad } : {}) },
    reason,
    ageOf(lastTransitionTime, nowMs),
    message,
  ])
  return formatTable([['TYPE', 'STATUS', 'REASON', 'SINCE', 'MESSAGE'], ...rows], { indent: '  ', raw })
}

/** Ready and Accepted should be true, Stalled should not; Progressing is neither good nor bad. */
function isTrouble(type: string, status: string): boolean {
  return type === 'Stalled' ? status === 'True' : type !== 'Progressing' && status === 'False'
}

function declares({ status }: Manifest, { kind, metadata }: AgentService): boolean {
  return status.objects.some(
    (object) => object.kind === kind && object.name === metadata.name && object.namespace === metadata.namespace,
  )
}

/** Broken files that declare the service or speak of it: what they say is not in force. */
function fileWarnings(service: AgentService, manifests: readonly Manifest[]): string[] {
  return manifests.flatMap((manifest) => {
    const { errors, warnings } = manifest.status
    const isOwn = declares(manifest, service)
    const broken = errors.filter((error) => isOwn || mentions(error, service.metadata.name))
    const remedy = broken.length === 0 ? [] : [`${manifest.spec.path} is not in force as it stands:`]
    return [...remedy, ...broken.map((error) => `  ${error}`), ...(isOwn ? warnings : [])]
  })
}

/** As a whole word: `web` is not mentioned by a sentence on `web-2`. */
function mentions(sentence: string, name: string): boolean {
  return sentence.split(/[^a-z0-9-]+/).includes(name)
}

export function formatWarnings(warnings: readonly string[], { colors, raw }: DescribeOptions): string {
  if (warnings.length === 0) return ''
  return `\n${colors.warn('Warnings')}\n${formatTable(
    warnings.map((warning) => [warning]),
    { indent: '  ', raw },
  )}`
}

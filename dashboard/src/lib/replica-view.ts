/** One replica as the page shows it: how its slot is drawn, and which process fills it. Pure. */
import { keyOfObject, ORDINAL_LABEL, REVISION_LABEL } from '@orc/schemas'
import type { Key, Pod } from '@orc/schemas'
import { present } from './present.ts'

/** How the glyph of a replica is drawn. */
export type Slot = 'Ready' | 'New' | 'Starting' | 'Waiting' | 'Failed' | 'Off'

export interface ReplicaView {
  readonly key: Key
  readonly name: string
  readonly ordinal: number
  readonly slot: Slot
  /** Of the live process; absent where none runs. */
  readonly process: { readonly pid: number | undefined; readonly startedMs: number | undefined } | undefined
  readonly ports: readonly { readonly name: string; readonly port: number }[]
}

export function replicaOf(pod: Pod, newRevision: string | undefined): ReplicaView {
  const container = pod.status.containerStatuses[0]
  const { running } = container.state
  return {
    key: keyOfObject(pod),
    name: pod.metadata.name,
    ordinal: ordinalOf(pod),
    slot: slotOf(pod, newRevision),
    process: running && { pid: pod.status.orc.pid, startedMs: timeOf(running.startedAt) },
    ports: pod.spec.containers[0].ports.map(({ name, containerPort }) => ({ name, port: containerPort })),
  }
}

function slotOf(pod: Pod, newRevision: string | undefined): Slot {
  const { ready } = pod.status.containerStatuses[0]
  if (ready) return newRevision !== undefined && revisionOf(pod) === newRevision ? 'New' : 'Ready'
  const slots = { ok: 'Off', busy: 'Starting', wait: 'Waiting', bad: 'Failed', off: 'Off' } as const
  return slots[present(pod.status.reason).role]
}

export function ordinalOf(pod: Pod): number {
  return Number(pod.metadata.labels?.[ORDINAL_LABEL] ?? 0)
}

export function revisionOf(pod: Pod): string | undefined {
  return pod.metadata.labels?.[REVISION_LABEL]
}

export function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : ms
}

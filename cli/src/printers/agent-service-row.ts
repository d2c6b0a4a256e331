/** AgentServices as rows. */
import { findCondition, SERVICE_LABEL, type AgentService, type Pod } from '@orc/schemas'
import { ageOf } from './age.ts'
import { joined, type KindPrinter } from './kind-printer.ts'
import { serviceStatus, statusPaint } from './status-word.ts'

export const agentServicePrinter: KindPrinter<AgentService> = {
  columns: (wide) => ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', ...(wide ? ['PORTS', 'PIDS', 'MESSAGE'] : [])],
  row(service, { nowMs, wide, colors, pods }) {
    const { metadata, spec, status } = service
    const word = serviceStatus(service)
    const row = [
      metadata.name,
      `${String(status?.readyReplicas ?? 0)}/${String(spec.replicas ?? 1)}`,
      { text: word, paint: statusPaint(word, colors) },
      String(status?.restartCount ?? 0),
      ageOf(metadata.creationTimestamp, nowMs),
    ]
    if (!wide) return row
    const own = podsOf(service, pods)
    const ports = own.flatMap(({ spec: { containers } }) => containers[0].ports.map((port) => port.containerPort))
    const pids = own.flatMap((pod) => pod.status.orc.pid ?? [])
    return [...row, joined(ports), joined(pids), findCondition(status?.conditions, 'Ready')?.message ?? '']
  },
}

/** The replicas of a service, by ordinal. */
export function podsOf({ metadata }: AgentService, pods: readonly Pod[]): readonly Pod[] {
  return pods
    .filter((pod) => pod.metadata.namespace === metadata.namespace)
    .filter((pod) => pod.metadata.labels?.[SERVICE_LABEL] === metadata.name)
    .toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true }))
}

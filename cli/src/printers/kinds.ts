/** The printer of each kind. */
import { formatBytes, parseQuantity, SERVICE_LABEL } from '@orc/schemas'
import type {
  ConfigMap,
  ControllerRevision,
  KubeEvent,
  KubeObject,
  Manifest,
  Namespace,
  PodMetrics,
  Secret,
  ServiceOverview,
} from '@orc/schemas'
import { ageOf } from './age.ts'
import { agentServicePrinter } from './agent-service-row.ts'
import type { KindPrinter } from './kind-printer.ts'
import { podPrinter } from './pod-row.ts'
import { revisionPaint, statusPaint } from './status-word.ts'

const configMapPrinter: KindPrinter<ConfigMap> = {
  columns: () => ['NAME', 'DATA', 'AGE'],
  row: ({ metadata, data, binaryData }, { nowMs }) => [
    metadata.name,
    String(keyCount(data) + keyCount(binaryData)),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}

const secretPrinter: KindPrinter<Secret> = {
  columns: () => ['NAME', 'TYPE', 'DATA', 'AGE'],
  row: ({ metadata, type, data }, { nowMs }) => [
    metadata.name,
    type ?? 'Opaque',
    String(keyCount(data)),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}

const manifestPrinter: KindPrinter<Manifest> = {
  columns: () => ['FILE', 'STATE', 'OBJECTS', 'ERROR'],
  row: ({ spec, status }, { wide, colors }) => [
    spec.path,
    { text: status.state, paint: statusPaint(status.state, colors) },
    String(status.objects.length),
    (wide ? status.errors : status.errors.slice(0, 1)).join('; '),
  ],
}

const namespacePrinter: KindPrinter<Namespace> = {
  columns: () => ['NAME', 'STATUS', 'AGE'],
  row: ({ metadata, status }, { nowMs, colors }) => [
    metadata.name,
    { text: status?.phase ?? '', paint: statusPaint(status?.phase ?? '', colors) },
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}

const eventPrinter: KindPrinter<KubeEvent> = {
  columns: (wide) => ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', ...(wide ? ['COUNT'] : []), 'MESSAGE'],
  row: ({ type, reason, message, involvedObject: { kind, name }, lastTimestamp, count }, { nowMs, wide, colors }) => [
    ageOf(lastTimestamp, nowMs),
    type === 'Warning' ? { text: type, paint: colors.warn } : type,
    reason,
    `${kind.toLowerCase()}/${name}`,
    ...(wide ? [String(count)] : []),
    message,
  ],
}

const podMetricsPrinter: KindPrinter<PodMetrics> = {
  columns: () => ['NAME', 'CPU', 'MEMORY'],
  row: ({ metadata, containers: [{ usage }] }) => [
    metadata.name,
    usage.cpu,
    formatBytes(parseQuantity(usage.memory) ?? 0),
  ],
}

const revisionPrinter: KindPrinter<ControllerRevision> = {
  columns: (wide) => ['NAME', 'SERVICE', 'REVISION', 'STATE', 'AGE', ...(wide ? ['MESSAGE'] : [])],
  row: ({ metadata, revision, orc }, { nowMs, wide, colors }) => [
    metadata.name,
    metadata.labels?.[SERVICE_LABEL] ?? '',
    String(revision),
    { text: orc.state, paint: revisionPaint(orc.state, colors) },
    ageOf(metadata.creationTimestamp, nowMs),
    ...(wide ? [orc.message ?? ''] : []),
  ],
}

const overviewPrinter: KindPrinter<ServiceOverview> = {
  columns: () => ['NAME', 'UPTIME', 'RESTARTS'],
  row: ({ metadata, uptimeShare, restarts }) => [
    metadata.name,
    uptimeShare === undefined ? '-' : `${String(Math.floor(uptimeShare * 1e4) / 100)}%`,
    String(restarts),
  ],
}

const PRINTERS: Readonly<Record<string, unknown>> = {
  AgentService: agentServicePrinter,
  Pod: podPrinter,
  ConfigMap: configMapPrinter,
  Secret: secretPrinter,
  Manifest: manifestPrinter,
  Namespace: namespacePrinter,
  Event: eventPrinter,
  ControllerRevision: revisionPrinter,
  ServiceOverview: overviewPrinter,
  PodMetrics: podMetricsPrinter,
}

/** Every kind of RESOURCES has one; a test holds them together. */
export function printerOf(kind: string): KindPrinter<KubeObject> {
  return PRINTERS[kind] as KindPrinter<KubeObject>
}

function keyCount(values: Readonly<Record<string, string>> | undefined): number {
  return Object.keys(values ?? {}).length
}

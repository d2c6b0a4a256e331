/** What pods use, as metrics.k8s.io shows it. Only live pods that have been measured are there. */
import { apiVersionOf, keyOf, RESOURCES, SERVICE_LABEL, type Pod, type PodMetrics } from '@orc/schemas'
import type { Sample } from '../ports/samples.ts'
import { NAME_COLUMN } from './columns.ts'
import type { ObjectSource, Resource, Rooms } from './resource.ts'

export const podmetrics: Resource<PodMetrics> = {
  name: RESOURCES.podmetrics,
  verbs: ['get', 'list'],
  storage: 'Projected',
  source: metricsSource,
  columns: [
    NAME_COLUMN,
    {
      name: 'CPU',
      type: 'string',
      description: 'Cores in use.',
      cell: ({ containers }) => containers[0].usage.cpu,
    },
    {
      name: 'Memory',
      type: 'string',
      description: 'Resident memory.',
      cell: ({ containers }) => containers[0].usage.memory,
    },
    { name: 'Window', type: 'string', description: 'Time that was measured.', cell: ({ window }) => window },
  ],
}

function metricsSource(rooms: Rooms): ObjectSource {
  const list = (namespace?: string): PodMetrics[] =>
    rooms.samples
      .latest(namespace)
      .toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.pod, b.pod))
      .map((sample) => metricsOf(sample, rooms))
  return { list, get: (namespace, name) => list(namespace).find(({ metadata }) => metadata.name === name) }
}

function metricsOf(
  { namespace, pod, service, cpu, memory, sampledAtMs, windowMs }: Sample,
  { cache }: Rooms,
): PodMetrics {
  const timestamp = new Date(sampledAtMs).toISOString()
  const labels = cache.get<Pod>(keyOf('Pod', namespace, pod))?.metadata.labels ?? { [SERVICE_LABEL]: service }
  return {
    apiVersion: apiVersionOf(RESOURCES.podmetrics) as PodMetrics['apiVersion'],
    kind: 'PodMetrics',
    metadata: { name: pod, namespace, labels, creationTimestamp: timestamp },
    timestamp,
    window: `${String(Math.round(windowMs / 100) / 10)}s`,
    containers: [
      {
        name: service,
        usage: { cpu: `${String(Math.round(cpu * 1e9))}n`, memory: `${String(Math.ceil(memory / 1024))}Ki` },
      },
    ],
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

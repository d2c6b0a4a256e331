/** Pods: the replicas as they are. They change when services do; who deletes one gets another one. */
import { RESOURCES, type Pod } from '@orc/schemas'
import { AGE_COLUMN, NAME_COLUMN } from './columns.ts'
import { LOG } from './pod-log.ts'
import type { Resource } from './resource.ts'
import { STATUS } from './status.ts'

export const pods: Resource<Pod> = {
  name: RESOURCES.pods,
  verbs: ['get', 'list', 'watch', 'delete', 'deletecollection'],
  storage: 'Projected',
  writer: ({ writers }) => writers.pods,
  fields: [
    { path: 'spec.nodeName', value: ({ spec }) => spec.nodeName },
    { path: 'spec.restartPolicy', value: ({ spec }) => spec.restartPolicy },
    { path: 'status.phase', value: ({ status }) => status.phase },
    { path: 'status.podIP', value: ({ status }) => status.podIP },
  ],
  subresources: [STATUS, LOG],
  columns: [
    NAME_COLUMN,
    {
      name: 'Ready',
      type: 'string',
      description: 'Ready containers, of all.',
      cell: ({ status }) => `${status.containerStatuses[0].ready ? '1' : '0'}/1`,
    },
    { name: 'Status', type: 'string', description: 'What the pod does, in one word.', cell: wordOf },
    {
      name: 'Restarts',
      type: 'string',
      description: 'How often the process was started again.',
      cell: ({ status }) => String(status.containerStatuses[0].restartCount),
    },
    AGE_COLUMN,
    {
      name: 'IP',
      type: 'string',
      priority: 1,
      description: 'Where its ports are.',
      cell: ({ status }) => status.podIP,
    },
    { name: 'Node', type: 'string', priority: 1, description: 'The host.', cell: ({ spec }) => spec.nodeName },
  ],
}

function wordOf({ metadata, status }: Pod): string {
  if (metadata.deletionTimestamp) return 'Terminating'
  const { waiting, terminated } = status.containerStatuses[0].state
  return waiting?.reason ?? terminated?.reason ?? status.phase
}

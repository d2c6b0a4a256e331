/** AgentServices: declared in manifests, changed by editing these. */
import { findCondition, RESOURCES, type AgentService } from '@orc/schemas'
import { AGE_COLUMN, NAME_COLUMN } from './columns.ts'
import type { Resource } from './resource.ts'
import { SCALE, selectorOf } from './scale.ts'
import { FAILURES, RUNS_ENDED, SAMPLES } from './service-history.ts'
import { STATUS } from './status.ts'

export const agentservices: Resource<AgentService> = {
  name: RESOURCES.agentservices,
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  storage: 'Manifest',
  writer: ({ writers }) => writers.manifests,
  subresources: [STATUS, SCALE, SAMPLES, RUNS_ENDED, FAILURES],
  columns: [
    NAME_COLUMN,
    {
      name: 'Desired',
      type: 'integer',
      format: 'int32',
      description: 'Replicas that are wanted.',
      cell: ({ spec }) => spec.replicas ?? 1,
    },
    {
      name: 'Ready',
      type: 'string',
      description: 'Replicas that are ready, of those wanted.',
      cell: ({ spec, status }) => `${String(status?.readyReplicas ?? 0)}/${String(spec.replicas ?? 1)}`,
    },
    {
      name: 'Status',
      type: 'string',
      description: 'The reason of the condition Ready.',
      cell: ({ status }) => findCondition(status?.conditions, 'Ready')?.reason ?? 'Unknown',
    },
    {
      name: 'Restarts',
      type: 'integer',
      format: 'int32',
      description: 'Restarts of the present replicas, summed.',
      cell: ({ status }) => status?.restartCount ?? 0,
    },
    AGE_COLUMN,
    {
      name: 'Command',
      type: 'string',
      priority: 1,
      description: 'Program and arguments.',
      cell: ({ spec }) => [...spec.command, ...(spec.args ?? [])].join(' '),
    },
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      description: 'Labels that select the pods.',
      cell: selectorOf,
    },
  ],
}

/** Events: what happened to objects lately, and how often. Nobody writes them; orc does when something happens. */
import { RESOURCES, type KubeEvent } from '@orc/schemas'
import { ageOf } from './columns.ts'
import type { Resource } from './resource.ts'

export const events: Resource<KubeEvent> = {
  name: RESOURCES.events,
  verbs: ['get', 'list', 'watch'],
  storage: 'Projected',
  fields: [
    { path: 'involvedObject.apiVersion', value: ({ involvedObject }) => involvedObject.apiVersion },
    { path: 'involvedObject.kind', value: ({ involvedObject }) => involvedObject.kind },
    { path: 'involvedObject.namespace', value: ({ involvedObject }) => involvedObject.namespace },
    { path: 'involvedObject.name', value: ({ involvedObject }) => involvedObject.name },
    { path: 'involvedObject.uid', value: ({ involvedObject }) => involvedObject.uid },
    { path: 'type', value: ({ type }) => type },
    { path: 'reason', value: ({ reason }) => reason },
    { path: 'source', value: ({ source }) => source.component },
    { path: 'reportingComponent', value: ({ reportingComponent }) => reportingComponent },
  ],
  columns: [
    {
      name: 'Last Seen',
      type: 'string',
      description: 'Time since it happened last.',
      cell: ({ lastTimestamp }, wallMs) => ageOf(lastTimestamp, wallMs),
    },
    { name: 'Type', type: 'string', description: 'Normal or Warning.', cell: ({ type }) => type },
    { name: 'Reason', type: 'string', description: 'What happened, in one word.', cell: ({ reason }) => reason },
    {
      name: 'Object',
      type: 'string',
      description: 'What it happened to.',
      cell: ({ involvedObject: { kind, name } }) => `${kind.toLowerCase()}/${name}`,
    },
    {
      name: 'Source',
      type: 'string',
      priority: 1,
      description: 'Who tells it.',
      cell: ({ source }) => source.component,
    },
    { name: 'Message', type: 'string', description: 'What happened, in a sentence.', cell: ({ message }) => message },
    {
      name: 'First Seen',
      type: 'string',
      priority: 1,
      description: 'Time since it happened first.',
      cell: ({ firstTimestamp }, wallMs) => ageOf(firstTimestamp, wallMs),
    },
    {
      name: 'Count',
      type: 'integer',
      format: 'int32',
      priority: 1,
      description: 'How often it happened.',
      cell: ({ count }) => count,
    },
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      priority: 1,
      description: 'Unique within the namespace.',
      cell: ({ metadata }) => metadata.name,
    },
  ],
}

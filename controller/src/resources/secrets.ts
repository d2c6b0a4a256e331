/** Secrets: kept in the state directory, out of reach of git. */
import { RESOURCES, type Secret } from '@orc/schemas'
import { AGE_COLUMN, NAME_COLUMN } from './columns.ts'
import type { Resource } from './resource.ts'

export const secrets: Resource<Secret> = {
  name: RESOURCES.secrets,
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  storage: 'State',
  writer: ({ writers }) => writers.secrets,
  fields: [{ path: 'type', value: ({ type }) => type ?? 'Opaque' }],
  columns: [
    NAME_COLUMN,
    { name: 'Type', type: 'string', description: 'What the secret is for.', cell: ({ type }) => type ?? 'Opaque' },
    {
      name: 'Data',
      type: 'integer',
      format: 'int32',
      description: 'How many keys it has.',
      cell: ({ data }) => Object.keys(data ?? {}).length,
    },
    AGE_COLUMN,
  ],
}

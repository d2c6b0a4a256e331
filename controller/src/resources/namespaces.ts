/** Namespaces: those that somebody declared, and those that objects live in. */
import { RESOURCES, type Namespace } from '@orc/schemas'
import { AGE_COLUMN, NAME_COLUMN } from './columns.ts'
import type { Resource } from './resource.ts'
import { STATUS } from './status.ts'

export const namespaces: Resource<Namespace> = {
  name: RESOURCES.namespaces,
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  storage: 'Manifest',
  writer: ({ writers }) => writers.namespaces,
  subresources: [STATUS],
  fields: [{ path: 'status.phase', value: ({ status }) => status?.phase ?? '' }],
  columns: [
    NAME_COLUMN,
    { name: 'Status', type: 'string', description: 'Always Active.', cell: ({ status }) => status?.phase ?? '' },
    AGE_COLUMN,
  ],
}

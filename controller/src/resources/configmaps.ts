/** ConfigMaps: declared in manifests, like services. */
import { RESOURCES, type ConfigMap } from '@orc/schemas'
import { AGE_COLUMN, NAME_COLUMN } from './columns.ts'
import type { Resource } from './resource.ts'

export const configmaps: Resource<ConfigMap> = {
  name: RESOURCES.configmaps,
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  storage: 'Manifest',
  writer: ({ writers }) => writers.manifests,
  columns: [
    NAME_COLUMN,
    {
      name: 'Data',
      type: 'integer',
      format: 'int32',
      description: 'How many keys it has.',
      cell: ({ data, binaryData }) => Object.keys({ ...data, ...binaryData }).length,
    },
    AGE_COLUMN,
  ],
}

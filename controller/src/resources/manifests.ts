/**
 * The files of the watched directory, what is wrong with them, and their text. A file may hold Secrets: whoever may read
 * or write Manifests may read or write those.
 */
import { RESOURCES, type Manifest } from '@orc/schemas'
import { NAME_COLUMN } from './columns.ts'
import type { Resource } from './resource.ts'

export const manifests: Resource<Manifest> = {
  name: RESOURCES.manifests,
  verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'],
  storage: 'Manifest',
  complete: ({ writers }, manifest) => writers.files.withText(manifest),
  writer: ({ writers }) => writers.files,
  columns: [
    NAME_COLUMN,
    {
      name: 'Path',
      type: 'string',
      description: 'Where the file is, from the watched directory.',
      cell: ({ spec }) => spec.path,
    },
    { name: 'State', type: 'string', description: 'Loaded or Invalid.', cell: ({ status }) => status.state },
    {
      name: 'Objects',
      type: 'integer',
      format: 'int32',
      description: 'How many objects the file declares.',
      cell: ({ status }) => status.objects.length,
    },
    {
      name: 'Error',
      type: 'string',
      description: 'The first thing to correct.',
      cell: ({ status }) => status.errors[0] ?? '',
    },
  ],
}

/** A file of the watched directory as the object `Manifest` that the API shows. */
import { createHash } from 'node:crypto'
import { formatLocated, keyOf, splitKey, type Key, type Manifest } from '@orc/schemas'
import { keyOfDocument, type FileEntry } from './directory-index.ts'

export function manifestKey(path: string): Key {
  return keyOf('Manifest', 'default', manifestName(path))
}

/** A path holds what a name must not; where anything had to go, a hash keeps names apart. */
export function manifestName(path: string): string {
  const plain = path
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  const isSame = plain === path && plain.length <= 200
  return isSame ? plain : `${plain.slice(0, 200)}-${createHash('sha256').update(path).digest('hex').slice(0, 8)}`
}

/** `overruled` = sentences on objects that another file declares too. */
export function manifestOf(entry: FileEntry, overruled: readonly string[]): Manifest {
  const { path, hash, documents } = entry
  const errors = [...entry.errors, ...documents.flatMap((document) => document.errors)].map((error) =>
    formatLocated(path, error),
  )
  return {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'Manifest',
    metadata: { name: manifestName(path) },
    spec: { path },
    status: {
      state: errors.length + overruled.length > 0 ? 'Invalid' : 'Loaded',
      observedHash: hash,
      objects: documents.flatMap((document) => {
        const key = keyOfDocument(document)
        return key === undefined ? [] : [splitKey(key)]
      }),
      errors: [...errors, ...overruled],
      warnings: [
        ...(entry.warnings ?? []).map((warning) => formatLocated(path, { line: 1, column: 1, message: warning })),
        ...documents.flatMap((document) => document.warnings).map((warning) => formatLocated(path, warning)),
      ],
    },
  }
}

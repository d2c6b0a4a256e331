/** Tells of files that turn wrong, are wrong in another way, or are right again; of all kinds, objects or none. */
import { apiVersionOf, RESOURCES, type Manifest } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { Occurrence } from './recorder.ts'

/** Of a directory that is wrong all over, this is enough to see it. */
const MOST_AT_START = 200
const OVERRULED = /: DuplicateName: /

/**
 * Begins with what is there: a file that is wrong is told at every start of the controller. Returns the function that
 * ends it.
 */
export function tellOfManifests(cache: Cache, record: (occurrence: Occurrence) => void): () => void {
  const wrong = cache.list<Manifest>('Manifest').filter(({ status }) => status.errors.length > 0)
  for (const manifest of wrong.slice(0, MOST_AT_START))
    setImmediate(() => occurrencesOf(undefined, manifest).forEach(record))
  return cache.subscribe((_, { type, object, previous }) => {
    if (object.kind !== 'Manifest' || type === 'DELETED') return
    const occurrences = occurrencesOf(previous as Manifest | undefined, object as Manifest)
    // A listener must not change the cache, where events are kept.
    if (occurrences.length > 0) setImmediate(() => occurrences.forEach(record))
  })
}

/** `before` is undefined when the file is seen for the first time. */
export function occurrencesOf(before: Manifest | undefined, { metadata, status }: Manifest): Occurrence[] {
  const { name } = metadata
  const object = { apiVersion: apiVersionOf(RESOURCES.manifests), kind: 'Manifest', namespace: '', name, uid: '' }
  const [first, ...more] = status.errors
  if (first === before?.status.errors[0]) return []
  if (first === undefined)
    return [
      {
        object,
        type: 'Normal',
        reason: 'Accepted',
        message: 'The file can be read again, and what it declares is in force.',
      },
    ]
  const message = more.length === 0 ? first : `${first} (and ${String(more.length)} more)`
  return [{ object, type: 'Warning', reason: OVERRULED.test(first) ? 'DuplicateName' : 'InvalidManifest', message }]
}

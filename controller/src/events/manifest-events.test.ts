import type { Manifest } from '@orc/schemas'
import { expect, test } from 'vitest'
import { Cache } from '../cache/cache.ts'
import { occurrencesOf, tellOfManifests } from './manifest-events.ts'
import type { Occurrence } from './recorder.ts'

function manifest(...errors: string[]): Manifest {
  return {
    ...{ apiVersion: 'orc.dev/v1alpha1', kind: 'Manifest', metadata: { name: 'a.yaml' }, spec: { path: 'a.yaml' } },
    status: { state: errors.length > 0 ? 'Invalid' : 'Loaded', observedHash: '', objects: [], errors, warnings: [] },
  }
}

const told = (before: Manifest | undefined, after: Manifest): string[] =>
  occurrencesOf(before, after).map(({ type, reason, message }) => `${type} ${reason}: ${message}`)

test('a file is told when it turns wrong, is wrong in another way, and is right again', () => {
  expect(told(undefined, manifest())).toEqual([])
  expect(told(manifest(), manifest())).toEqual([])
  expect(told(undefined, manifest('a.yaml:1:1: no'))).toEqual(['Warning InvalidManifest: a.yaml:1:1: no'])
  expect(told(manifest(), manifest('a.yaml:1:1: no', 'b', 'c'))).toEqual([
    'Warning InvalidManifest: a.yaml:1:1: no (and 2 more)',
  ])
  expect(told(manifest('x'), manifest('x'))).toEqual([])
  expect(told(manifest('x'), manifest('y'))).toEqual(['Warning InvalidManifest: y'])
  expect(told(manifest(), manifest('a.yaml:2:1: DuplicateName: this object'))).toEqual([
    'Warning DuplicateName: a.yaml:2:1: DuplicateName: this object',
  ])
  expect(told(manifest('x'), manifest())).toEqual([
    'Normal Accepted: The file can be read again, and what it declares is in force.',
  ])
})

test('what is wrong at the beginning is told, then each change, in a later turn', async () => {
  let version = 0
  const cache = new Cache({ nextResourceVersion: () => ++version })
  cache.put(manifest('x'))
  const said: Occurrence[] = []
  const end = tellOfManifests(cache, (occurrence) => void said.push(occurrence))
  await new Promise((resolve) => setImmediate(resolve))
  expect(said).toMatchObject([{ message: 'x', object: { kind: 'Manifest', name: 'a.yaml', namespace: '' } }])
  cache.put(manifest('y'))
  expect(said).toHaveLength(1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(said).toHaveLength(2)
  cache.delete('Manifest/default/a.yaml')
  end()
  cache.put(manifest('z'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(said).toHaveLength(2)
})

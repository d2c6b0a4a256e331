import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOfObject } from '@orc/schemas'
import { newCache, thing, told, type Thing } from './fixture.ts'

test('put stores under the own key, with a version of its own, frozen; get finds it', () => {
  const cache = newCache()
  const stored = cache.put(thing('Pod/a/x', 1, '7'))
  expect(stored).toEqual(thing('Pod/a/x', 1, '110'))
  expect(cache.get('Pod/a/x')).toBe(stored)
  expect(() => ((stored.value as { n: number }).n = 2)).toThrow(TypeError)
  expect(cache.get('Pod/a/y')).toBeUndefined()
  expect(cache.snapshotVersion()).toBe('110')
})

test('a put that says the same changes nothing, tells nobody and uses up no version', () => {
  const cache = newCache()
  const stored = cache.put(thing('Pod/a/x', 1))
  cache.subscribe(() => expect.unreachable())
  expect(cache.put(thing('Pod/a/x', 1))).toBe(stored)
  expect(cache.put(thing('Pod/a/x', 1, 'any'))).toBe(stored)
  expect(cache.put({ ...thing('Pod/a/x', 1), status: undefined } as Thing)).toBe(stored)
  expect(cache.put({ ...stored })).toBe(stored)
  expect(cache.snapshotVersion()).toBe('110')
})

test('an object without a namespace is in the default one', () => {
  const cache = newCache()
  const stored = cache.put(thing('Manifest//f'))
  expect(cache.get('Manifest/default/f')).toBe(stored)
  expect(cache.list('Manifest', 'default')).toEqual([stored])
  expect(stored.metadata).not.toHaveProperty('namespace')
})

test('delete returns the last object with the version of its removal; a second time nothing happens', () => {
  const cache = newCache()
  cache.put(thing('Pod/a/x', 1))
  expect(cache.delete('Pod/a/x')).toEqual(thing('Pod/a/x', 1, '120'))
  expect([cache.get('Pod/a/x'), cache.list('Pod')]).toEqual([undefined, []])
  expect(cache.delete('Pod/a/x')).toBeUndefined()
  expect(cache.snapshotVersion()).toBe('120')
  expect(cache.put(thing('Pod/a/x', 1)).metadata.resourceVersion).toBe('130')
})

test('listeners hear of each change after it is stored, until they undo', () => {
  const cache = newCache()
  const heard: unknown[] = []
  const undo = cache.subscribe((key, change) => {
    heard.push([key, told(change), (change.previous as Thing | undefined)?.value?.n, cache.get<Thing>(key)?.value?.n])
  })
  cache.put(thing('Pod/a/x', 1))
  cache.put(thing('Pod/a/x', 2))
  cache.delete('Pod/a/x')
  undo()
  undo()
  cache.put(thing('Pod/a/x', 3))
  expect(heard).toEqual([
    ['Pod/a/x', 'ADDED Pod/a/x=1@110', undefined, 1],
    ['Pod/a/x', 'MODIFIED Pod/a/x=2@120', 1, 2],
    ['Pod/a/x', 'DELETED Pod/a/x=2@130', 2, undefined],
  ])
})

const name = fc.constantFrom('a', 'a-b', 'a0', 'b', 'default', 'x')
const key = fc.tuple(fc.constantFrom('Pod', 'PodMetrics'), name, name).map((parts) => parts.join('/'))

test('list has what was put and not deleted, of its kind and namespace, sorted, whatever the order of the puts', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.boolean())), (steps) => {
      const cache = newCache()
      const model = new Map<string, Thing>()
      for (const [key, isPut] of steps) {
        if (isPut) model.set(key, cache.put(thing(key, model.size)))
        else void (cache.delete(key), model.delete(key))
      }
      const sorted = [...model.keys()].sort()
      expect(cache.list('Pod').map(keyOfObject)).toEqual(sorted.filter((key) => key.startsWith('Pod/')))
      for (const namespace of ['a', 'a-b', 'a0', 'b', 'none']) {
        const expected = sorted.filter((key) => key.startsWith(`PodMetrics/${namespace}/`)).map((key) => model.get(key))
        expect(cache.list('PodMetrics', namespace)).toEqual(expected)
      }
      expect(cache.list('Node')).toEqual([])
    }),
  )
})

test('10,000 objects are put, listed by namespace and deleted in little CPU time', () => {
  const cache = newCache()
  const before = process.cpuUsage()
  for (let i = 0; i < 10_000; i++) cache.put(thing(`Pod/ns${i % 1000}/x${(i * 7919) % 10_000}`, i))
  let listed = 0
  for (let i = 0; i < 1000; i++) listed += cache.list('Pod', `ns${i}`).length
  for (const object of cache.list('Pod')) cache.delete(keyOfObject(object))
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000)
  expect([listed, cache.list('Pod')]).toEqual([10_000, []])
})

import { expect, test } from 'vitest'
import { newCache, opened, readAll, thing, told, turn } from './fixture.ts'
import { Gone } from './watch-event.ts'
import { WatchHub } from './watch-hub.ts'

test('tells what happened since the version and what happens now, in order and without a gap', async () => {
  const cache = newCache()
  cache.put(thing('Pod/a/x', 1))
  const afterResourceVersion = cache.snapshotVersion()
  cache.put(thing('Pod/a/x', 2))
  const watch = opened(cache.hub.watch({ kind: 'Pod', afterResourceVersion }))
  cache.put(thing('Pod/a/y', 3))
  const events = readAll(watch)
  cache.delete('Pod/a/x')
  await turn()
  expect(events.map(told)).toEqual(['MODIFIED Pod/a/x=2@120', 'ADDED Pod/a/y=3@130', 'DELETED Pod/a/x=2@140'])
  expect(events[0]?.previous).toEqual(thing('Pod/a/x', 1, '110'))
  expect(events[1]).not.toHaveProperty('previous')
  expect(events[2]?.previous).toEqual(thing('Pod/a/x', 2, '120'))
  cache.put(thing('Pod/a/z', 4))
  await turn()
  expect(events.map(told).slice(3)).toEqual(['ADDED Pod/a/z=4@150'])
})

test('tells of its kind and namespace only', async () => {
  const cache = newCache()
  const afterResourceVersion = cache.snapshotVersion()
  cache.put(thing('Pod/a/early'))
  const inA = readAll(opened(cache.hub.watch({ kind: 'Pod', namespace: 'a', afterResourceVersion })))
  const inDefault = readAll(opened(cache.hub.watch({ kind: 'Pod', namespace: 'default', afterResourceVersion })))
  const everywhere = readAll(opened(cache.hub.watch({ kind: 'Pod', afterResourceVersion })))
  for (const key of ['Pod/a/x', 'Pod/b/x', 'Pod//x', 'Node/a/x']) cache.put(thing(key))
  await turn()
  const versions = [inA, inDefault, everywhere].map((events) => events.map((e) => e.object.metadata.resourceVersion))
  expect(versions).toEqual([['110', '120'], ['140'], ['110', '120', '130', '140']])
})

test('Gone: older than this boot, older than the history, never handed out, or no version', () => {
  const cache = newCache(3)
  const after = (afterResourceVersion: string) => cache.hub.watch({ kind: 'Pod', afterResourceVersion })
  expect(cache.snapshotVersion()).toBe('100')
  expect(after('100')).not.toBeInstanceOf(Gone)
  for (const version of ['99', '0', '', '101', 'abc', '-1']) expect(after(version)).toEqual(new Gone(version))
  for (let i = 1; i <= 3; i++) cache.put(thing('Node/a/x', i))
  expect(after('100')).not.toBeInstanceOf(Gone)
  cache.put(thing('Node/a/x', 4))
  expect(after('100')).toBeInstanceOf(Gone)
  expect(after('109')).toBeInstanceOf(Gone)
  expect(after('110')).not.toBeInstanceOf(Gone)
  for (let i = 5; i <= 20; i++) cache.put(thing('Node/a/x', i))
  expect(after('260')).toBeInstanceOf(Gone)
  expect(after('270')).not.toBeInstanceOf(Gone)
  expect(after(cache.snapshotVersion())).not.toBeInstanceOf(Gone)
})

test('a reader whose backlog passes the bound is closed with Gone, and others do not notice', async () => {
  const cache = newCache()
  const options = { kind: 'Pod', afterResourceVersion: cache.snapshotVersion() }
  const slow = opened(cache.hub.watch({ ...options, maxPending: 3 }))
  const other = readAll(opened(cache.hub.watch(options)))
  for (let i = 1; i <= 3; i++) cache.put(thing('Pod/a/x', i))
  expect(slow.gone).toBeUndefined()
  cache.put(thing('Pod/a/x', 4))
  expect(slow.gone).toEqual(new Gone('100'))
  cache.put(thing('Pod/a/x', 5))
  for await (const event of slow) expect.unreachable(told(event))
  await turn()
  expect(slow.resourceVersion).toBe('100')
  expect(other).toHaveLength(5)
})

test('what is told from history does not count against the bound', async () => {
  const cache = newCache()
  const afterResourceVersion = cache.snapshotVersion()
  for (let i = 1; i <= 10; i++) cache.put(thing('Pod/a/x', i))
  const watch = opened(cache.hub.watch({ kind: 'Pod', afterResourceVersion, maxPending: 1 }))
  cache.put(thing('Pod/a/x', 11))
  expect(readAll(watch)).toEqual([])
  await turn()
  expect(watch.gone).toBeUndefined()
  expect(watch.resourceVersion).toBe(cache.snapshotVersion())
})

test('close ends a reader that waits, and one that leaves the loop is not told any more', async () => {
  const cache = newCache()
  const options = { kind: 'Pod', afterResourceVersion: cache.snapshotVersion() }
  const waiting = opened(cache.hub.watch({ ...options, maxPending: 1 }))
  const ended = (async () => {
    for await (const event of waiting) expect.unreachable(told(event))
  })()
  await turn()
  waiting.close()
  waiting.close()
  await ended

  const leaving = opened(cache.hub.watch(options))
  cache.put(thing('Pod/a/x', 1))
  for await (const event of leaving) {
    expect(told(event)).toBe('ADDED Pod/a/x=1@110')
    break
  }
  for (let i = 2; i < 5; i++) cache.put(thing('Pod/a/x', i))
  for await (const event of leaving) expect.unreachable(told(event))
  expect([waiting.gone, leaving.gone]).toEqual([undefined, undefined])
})

test('the version of a watch is what a bookmark may say: never beyond an event that the reader has yet to see', async () => {
  const cache = newCache()
  const watch = opened(cache.hub.watch({ kind: 'Pod', afterResourceVersion: cache.snapshotVersion() }))
  cache.put(thing('Node/a/x'))
  expect(watch.resourceVersion).toBe('110')
  cache.put(thing('Pod/a/x', 1))
  cache.put(thing('Pod/a/x', 2))
  cache.put(thing('Pod/a/x', 3))
  expect(watch.resourceVersion).toBe('100')
  const seen: string[] = []
  for await (const event of watch) {
    seen.push(`${event.object.metadata.resourceVersion}:${watch.resourceVersion}`)
    if (seen.length === 3) break
  }
  expect(seen).toEqual(['120:120', '130:130', '140:140'])
})

test('publish refuses a version that does not rise', () => {
  const hub = new WatchHub({ firstVersion: 10 })
  const event = (version: string) => ({ type: 'ADDED' as const, object: thing('Pod/a/x', 1, version) })
  hub.publish(event('11'))
  for (const version of ['11', '5', 'x']) expect(() => hub.publish(event(version))).toThrow('does not rise')
})

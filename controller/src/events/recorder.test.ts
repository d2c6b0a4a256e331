import type { KubeEvent } from '@orc/schemas'
import { beforeEach, describe, expect, test } from 'vitest'
import { Cache } from '../cache/cache.ts'
import { FakeClock } from '../clock-fake.ts'
import { MOST_PER_NAMESPACE, Recorder, SHOWN_MS, type Occurrence } from './recorder.ts'

let clock: FakeClock
let cache: Cache
let logged: KubeEvent[]
let recorder: Recorder

beforeEach(() => {
  clock = new FakeClock()
  cache = newCache()
  logged = []
  recorder = newRecorder()
})

function newCache(): Cache {
  let version = 0
  return new Cache({ nextResourceVersion: () => ++version })
}

function newRecorder(): Recorder {
  return new Recorder({ cache, clock, log: { recordEvent: (event) => void logged.push(event) } })
}

function occurrence(more: Partial<Occurrence> & { of?: string } = {}): Occurrence {
  const { of = 'web-0', ...rest } = more
  const object = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: of, uid: `uid-${of}` }
  return { object, type: 'Warning', reason: 'BackOff', message: 'It waits.', ...rest }
}

const shown = (): KubeEvent[] => cache.list<KubeEvent>('Event')

test('the same again is one event with a count, a first and a last time', () => {
  for (let at = 0; at < 3; at++) {
    recorder.record(occurrence())
    clock.advance(10_000)
  }
  expect(shown()).toMatchObject([
    { count: 3, firstTimestamp: '2026-01-01T00:00:00.000Z', lastTimestamp: '2026-01-01T00:00:20.000Z' },
  ])
  expect(logged.map(({ count }) => count)).toEqual([1, 2, 3])
  expect(new Set(logged.map(({ metadata }) => metadata.name)).size).toBe(1)
  expect(shown()[0]?.metadata.name).toMatch(/^web-0\.[0-9a-f]{16}$/)
})

test('what differs in object, type, reason or words is an event of its own', () => {
  for (const more of [{}, { of: 'web-1' }, { type: 'Normal' }, { reason: 'Failed' }, { message: 'Other.' }] as const)
    recorder.record(occurrence(more))
  expect(shown()).toHaveLength(5)
  expect(new Set(shown().map(({ metadata }) => metadata.uid)).size).toBe(5)
})

test('a time in the past is kept, one in the future is now, and what is too old to be shown is not', () => {
  const wallMs = clock.wallMs()
  recorder.record(occurrence({ message: 'a', atMs: wallMs - 60_000 }))
  recorder.record(occurrence({ message: 'b', atMs: wallMs + 60_000 }))
  recorder.record(occurrence({ message: 'c', atMs: wallMs - SHOWN_MS }))
  expect(shown().map(({ message, lastTimestamp }) => [message, lastTimestamp])).toEqual([
    ['a', '2025-12-31T23:59:00.000Z'],
    ['b', '2026-01-01T00:00:00.000Z'],
  ])
})

describe('an object that never rests', () => {
  test('has a burst of events, then one now and then, and its counts stay true', () => {
    for (let at = 0; at < 100; at++) recorder.record(occurrence())
    expect(shown()[0]?.count).toBe(25)
    expect(logged).toHaveLength(25)
    clock.advance(5000)
    recorder.record(occurrence())
    expect(shown()[0]?.count).toBe(101)
    expect(logged).toHaveLength(26)
    expect(recorder.dropped).toBe(0)
  })

  test('costs others nothing', () => {
    for (let at = 0; at < 100; at++) recorder.record(occurrence())
    recorder.record(occurrence({ of: 'quiet-0' }))
    expect(shown().map(({ involvedObject }) => involvedObject.name)).toContain('quiet-0')
  })

  test('loses new events beyond its burst, and they are counted', () => {
    for (let at = 0; at < 30; at++) recorder.record(occurrence({ of: 'web-0', reason: 'Started', message: 'same' }))
    recorder.record(occurrence({ message: 'new' }))
    expect(shown()).toHaveLength(1)
    expect(recorder.dropped).toBe(1)
  })

  test('a crash loop at the default pace loses nothing', () => {
    const loop = ['Exited', 'Started', 'CrashLoopBackOff', 'Ready'] as const
    for (let at = 0; at < 200; at++) {
      for (const reason of loop) recorder.record(occurrence({ reason }))
      clock.advance(30_000)
    }
    expect(shown().map(({ count }) => count)).toEqual([200, 200, 200, 200])
  })
})

test('ever other words for the same are gathered into one event', () => {
  for (let at = 0; at < 20; at++) recorder.record(occurrence({ message: `line ${at}` }))
  const combined = shown().filter(({ message }) => message.startsWith('(combined from similar events): '))
  expect(shown()).toHaveLength(11)
  expect(combined).toMatchObject([{ count: 10, message: '(combined from similar events): line 19' }])
  clock.advance(600_000)
  recorder.record(occurrence({ message: 'much later' }))
  expect(shown().map(({ message }) => message)).toContain('much later')
})

test('an hour after the last time it is gone, and nothing is left to do', () => {
  recorder.record(occurrence())
  clock.advance(SHOWN_MS - 60_000)
  recorder.record(occurrence())
  clock.advance(SHOWN_MS - 60_000)
  expect(shown()).toHaveLength(1)
  clock.advance(120_000)
  expect(shown()).toEqual([])
  clock.advance(600_000)
  expect(clock.timers).toBe(0)
  recorder.record(occurrence())
  expect(shown()).toMatchObject([{ count: 1 }])
})

test('a namespace has its latest thousand, others have theirs', () => {
  recorder.record({ ...occurrence({ of: 'other-0' }), object: { ...occurrence().object, namespace: 'team', uid: 'x' } })
  for (let at = 0; at < MOST_PER_NAMESPACE + 10; at++) {
    recorder.record(occurrence({ of: `web-${String(at)}` }))
    clock.advance(1)
  }
  const names = cache.list<KubeEvent>('Event', 'default').map(({ involvedObject }) => involvedObject.name)
  expect(names.length).toBeLessThanOrEqual(MOST_PER_NAMESPACE)
  expect(names.length).toBeGreaterThan(0.9 * MOST_PER_NAMESPACE)
  expect(names).not.toContain('web-0')
  expect(names).toContain(`web-${String(MOST_PER_NAMESPACE + 9)}`)
  expect(cache.list('Event', 'team')).toHaveLength(1)
})

test('a new recorder goes on where the one before ended', () => {
  for (let at = 0; at < 12; at++) recorder.record(occurrence({ message: `line ${at}` }))
  recorder.record(occurrence({ of: 'web-1' }))
  const before = shown().map(({ metadata, count }) => [metadata.name, metadata.uid, count])
  recorder.close()
  cache = newCache()
  recorder = newRecorder()
  recorder.load([...new Map(logged.map((event) => [event.metadata.name, event])).values()].toReversed())
  expect(shown().map(({ metadata, count }) => [metadata.name, metadata.uid, count])).toEqual(before)
  recorder.record(occurrence({ of: 'web-1' }))
  recorder.record(occurrence({ message: 'line 99' }))
  expect(shown()).toHaveLength(before.length)
  expect(
    shown()
      .map(({ count }) => count)
      .filter((count) => count > 1),
  ).toEqual([3, 2])
})

test('a long message is cut', () => {
  recorder.record(occurrence({ message: 'x'.repeat(5000) }))
  expect(shown()[0]?.message).toHaveLength(1024)
})

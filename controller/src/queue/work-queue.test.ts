/** The cases of client-go's queue_test.go, by their names. */
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { WorkQueue } from './work-queue.ts'

const newQueue = () => new WorkQueue(new FakeClock())
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Tells whether a promise has settled, without waiting for it. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => (settled = true))
  await turn()
  return settled
}

describe.each(['shutDown', 'shutDownWithDrain'] as const)('with %s', (stop) => {
  test('Basic: 50 producers, 10 consumers, no key lost, none added after the end', async () => {
    const queue = newQueue()
    const seen = new Map<string, number>()
    const consume = async () => {
      for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
        seen.set(key, (seen.get(key) ?? 0) + 1)
        await turn()
        queue.done(key)
      }
    }
    const produce = async (key: string) => {
      for (let i = 0; i < 10; i++) {
        queue.add(key)
        await turn()
      }
    }
    const keys = Array.from({ length: 50 }, (_, i) => String(i))
    const consumers = Array.from({ length: 10 }, consume)
    await Promise.all(keys.map(produce))
    const stopped = queue[stop]()
    queue.add('added after shutdown!')
    await Promise.all([...consumers, stopped])
    expect([...seen.keys()].sort()).toEqual(keys.sort())
    expect(queue.length).toBe(0)
  })

  test('AddWhileProcessing: what workers add to what they hold is worked on again, by one at a time', async () => {
    const queue = newQueue()
    const held = new Set<string>()
    let passes = 0
    const consume = async () => {
      const counts = new Map<string, number>()
      for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
        expect(held.has(key)).toBe(false)
        held.add(key)
        passes++
        counts.set(key, (counts.get(key) ?? 0) + 1)
        if (counts.get(key) === 1) queue.add(key)
        await turn()
        held.delete(key)
        queue.done(key)
      }
    }
    const consumers = Array.from({ length: 10 }, consume)
    for (let i = 0; i < 50; i++) queue.add(String(i))
    for (let i = 0; i < 100; i++) await turn()
    await Promise.all([queue[stop](), ...consumers])
    expect(passes).toBeGreaterThanOrEqual(100)
    expect(queue.length).toBe(0)
  })
})

test('Len: counts the keys that wait, each once', () => {
  const queue = newQueue()
  queue.add('foo')
  expect(queue.length).toBe(1)
  queue.add('bar')
  queue.add('foo')
  expect(queue.length).toBe(2)
})

test('Reinsert: a key added in work is queued again at done, at the end', async () => {
  const queue = newQueue()
  queue.add('foo')
  expect(await queue.get()).toBe('foo')
  queue.add('foo')
  queue.add('bar')
  expect(queue.length).toBe(1)
  queue.done('foo')
  expect(await queue.get()).toBe('bar')
  expect(await queue.get()).toBe('foo')
  queue.done('foo')
  expect(queue.length).toBe(0)
})

test('Collapse: a key added twice before a worker takes it is worked on once', async () => {
  const queue = newQueue()
  queue.add('bar')
  queue.add('bar')
  expect(await queue.get()).toBe('bar')
  queue.done('bar')
  expect(queue.length).toBe(0)
})

test('CollapseWhileProcessing: a key added twice in work comes once more, and to nobody before done', async () => {
  const queue = newQueue()
  queue.add('foo')
  expect(await queue.get()).toBe('foo')
  queue.add('foo')
  queue.add('foo')
  const second = queue.get()
  expect(await isSettled(second)).toBe(false)
  queue.done('foo')
  expect(await second).toBe('foo')
  queue.done('foo')
  expect(queue.length).toBe(0)
})

test('done of a key that nobody holds changes nothing', async () => {
  const queue = newQueue()
  queue.add('foo')
  queue.done('foo')
  expect(queue.length).toBe(1)
  expect(await queue.get()).toBe('foo')
})

describe('shutting down', () => {
  const twoHeld = async () => {
    const queue = newQueue()
    queue.add('foo')
    queue.add('bar')
    await queue.get()
    await queue.get()
    return queue
  }

  test('QueueDrainageUsingShutDownWithDrain: waits for the keys in work', async () => {
    const queue = await twoHeld()
    const drained = queue.shutDownWithDrain()
    expect(await queue.get()).toBeUndefined()
    queue.done('foo')
    expect(await isSettled(drained)).toBe(false)
    queue.done('bar')
    await drained
  })

  test('NoQueueDrainageUsingShutDown: does not wait, and a waiting getter is let go', async () => {
    const queue = await twoHeld()
    const getter = queue.get()
    queue.shutDown()
    expect(await getter).toBeUndefined()
  })

  test('ForceQueueShutdownUsingShutDown: a second signal ends the draining', async () => {
    const queue = await twoHeld()
    const drained = queue.shutDownWithDrain()
    expect(await isSettled(drained)).toBe(false)
    queue.shutDown()
    await drained
  })

  test('QueueDrainageUsingShutDownWithDrainWithDirtyItem: a key added in work comes once more', async () => {
    const queue = newQueue()
    queue.add('foo')
    await queue.get()
    queue.add('foo')
    const drained = queue.shutDownWithDrain()
    expect(await queue.get()).toBeUndefined()
    queue.done('foo')
    expect(await queue.get()).toBe('foo')
    expect(await isSettled(drained)).toBe(false)
    queue.done('foo')
    expect(await queue.get()).toBeUndefined()
    await drained
  })

  test('keys that were queued before are still given out, an empty queue drains at once', async () => {
    const queue = newQueue()
    queue.add('foo')
    queue.shutDown()
    queue.add('bar')
    const drained = queue.shutDownWithDrain()
    expect(await isSettled(drained)).toBe(false)
    expect(await queue.get()).toBe('foo')
    expect(await queue.get()).toBeUndefined()
    queue.done('foo')
    await drained
    await queue.shutDownWithDrain()
  })
})

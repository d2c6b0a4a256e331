/** The cases of client-go's delaying_queue_test.go and rate_limiting_queue_test.go, by their names. */
import { expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { ExponentialLimiter } from './rate-limiter.ts'
import { WorkQueue } from './work-queue.ts'

function newQueue() {
  const clock = new FakeClock()
  return { clock, queue: new WorkQueue(clock, new ExponentialLimiter({ initialMs: 1, maxMs: 1000 })) }
}

async function take(queue: WorkQueue): Promise<string | undefined> {
  const key = queue.length === 0 ? undefined : await queue.get()
  if (key !== undefined) queue.done(key)
  return key
}

test('SimpleQueue: comes when its time comes, and once', async () => {
  const { clock, queue } = newQueue()
  queue.addAfter('foo', 50)
  expect(queue.length).toBe(0)
  clock.advance(49)
  expect(queue.length).toBe(0)
  clock.advance(1)
  expect(await take(queue)).toBe('foo')
  clock.advance(10_000)
  expect(queue.length).toBe(0)
})

test('Deduping: the earlier time counts, whichever was asked for first', async () => {
  const { clock, queue } = newQueue()
  queue.addAfter('foo', 50)
  queue.addAfter('foo', 70)
  clock.advance(60)
  expect(await take(queue)).toBe('foo')
  clock.advance(20)
  expect(queue.length).toBe(0)

  queue.addAfter('foo', 50)
  queue.addAfter('foo', 30)
  clock.advance(40)
  expect(await take(queue)).toBe('foo')
  clock.advance(20)
  expect(queue.length).toBe(0)
})

test('AddTwoFireEarly: a later key with an earlier time comes first', async () => {
  const { clock, queue } = newQueue()
  queue.addAfter('foo', 1000)
  queue.addAfter('bar', 50)
  clock.advance(60)
  expect(await take(queue)).toBe('bar')
  expect(queue.length).toBe(0)
  queue.addAfter('baz', 2000)
  clock.advance(1000)
  expect(await take(queue)).toBe('foo')
  clock.advance(2000)
  expect(await take(queue)).toBe('baz')
})

test('CopyShifting: several that fall due together come in the order of their times', async () => {
  const { clock, queue } = newQueue()
  queue.addAfter('foo', 1000)
  queue.addAfter('bar', 500)
  queue.addAfter('baz', 250)
  clock.advance(2000)
  expect([await take(queue), await take(queue), await take(queue)]).toEqual(['baz', 'bar', 'foo'])
})

test('no delay, or none that makes sense, means now', () => {
  const { queue } = newQueue()
  queue.addAfter('zero', 0)
  queue.addAfter('negative', -1)
  queue.addAfter('none', NaN)
  expect(queue.length).toBe(3)
})

test('a key that is due while a worker holds it comes again after done', async () => {
  const { clock, queue } = newQueue()
  queue.add('foo')
  await queue.get()
  queue.addAfter('foo', 5)
  clock.advance(5)
  expect(queue.length).toBe(0)
  queue.done('foo')
  expect(await take(queue)).toBe('foo')
})

test('one timer serves all delayed keys, none is left when there are none or the queue is shut down', () => {
  const { clock, queue } = newQueue()
  for (let i = 0; i < 1000; i++) queue.addAfter(String(i), 1000 - i)
  expect(clock.timers).toBe(1)
  clock.advance(1000)
  expect([clock.timers, queue.length]).toEqual([0, 1000])
  queue.addAfter('late', 10)
  expect(clock.timers).toBe(1)
  queue.shutDown()
  expect(clock.timers).toBe(0)
  queue.addAfter('later', 10)
  clock.advance(100)
  expect([clock.timers, queue.length]).toEqual([0, 1000])
})

test('100,000 delayed adds and their coming cost what sorting costs', () => {
  const { clock, queue } = newQueue()
  const before = process.cpuUsage()
  for (let i = 0; i < 100_000; i++) queue.addAfter(`key ${i % 50_000}`, 1 + ((i * 7919) % 600_000))
  clock.advance(600_000)
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000)
  expect(queue.length).toBe(50_000)
})

test('RateLimitingQueue: waits grow for each key on its own until it is forgotten', async () => {
  const { clock, queue } = newQueue()
  queue.addRateLimited('one')
  expect(queue.length).toBe(0)
  clock.advance(1)
  expect(await take(queue)).toBe('one')
  queue.addRateLimited('one')
  queue.addRateLimited('two')
  expect([queue.retries('one'), queue.retries('two')]).toEqual([2, 1])
  clock.advance(1)
  expect(await take(queue)).toBe('two')
  clock.advance(1)
  expect(await take(queue)).toBe('one')
  queue.forget('one')
  expect(queue.retries('one')).toBe(0)
  queue.addRateLimited('one')
  clock.advance(1)
  expect(await take(queue)).toBe('one')
})

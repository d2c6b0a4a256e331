import { expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { defaultLimiter, ExponentialLimiter, MaxOfLimiter, TokenBucketLimiter } from './rate-limiter.ts'

const times = <T>(n: number, act: () => T): T[] => Array.from({ length: n }, act)

test('ItemExponentialFailureRateLimiter: doubles for each key on its own, until forgotten', () => {
  const limiter = new ExponentialLimiter({ initialMs: 1, maxMs: 1000 })
  expect(times(5, () => limiter.delayMs('one'))).toEqual([1, 2, 4, 8, 16])
  expect(limiter.retries('one')).toBe(5)
  expect(times(2, () => limiter.delayMs('two'))).toEqual([1, 2])
  expect(limiter.retries('two')).toBe(2)
  limiter.forget('one')
  expect(limiter.retries('one')).toBe(0)
  expect(limiter.delayMs('one')).toBe(1)
})

test('ItemExponentialFailureRateLimiterOverFlow: stays at the maximum, however often it fails', () => {
  const limiter = new ExponentialLimiter({ initialMs: 1, maxMs: 1000 })
  const delays = times(2000, () => limiter.delayMs('one'))
  expect(delays.slice(8, 12)).toEqual([256, 512, 1000, 1000])
  expect(delays.at(-1)).toBe(1000)
})

test('BucketRateLimiter: a burst at once, then each in its turn, and the bucket fills up to the burst', () => {
  const clock = new FakeClock()
  const limiter = new TokenBucketLimiter(clock, { perSecond: 10, burst: 3 })
  expect(times(5, () => limiter.delayMs())).toEqual([0, 0, 0, 100, 200])
  clock.advance(200)
  expect(limiter.delayMs()).toBe(100)
  clock.advance(60_000)
  expect(times(4, () => limiter.delayMs())).toEqual([0, 0, 0, 100])
})

test('MaxOfRateLimiter: the longest wait and the most retries', () => {
  const quick = new ExponentialLimiter({ initialMs: 5, maxMs: 3000 })
  const slow = new ExponentialLimiter({ initialMs: 1, maxMs: 10_000 })
  const limiter = new MaxOfLimiter([quick, slow])
  expect(times(3, () => limiter.delayMs('one'))).toEqual([5, 10, 20])
  slow.delayMs('one')
  expect(limiter.retries('one')).toBe(4)
  limiter.forget('one')
  expect([limiter.retries('one'), quick.retries('one'), slow.retries('one')]).toEqual([0, 0, 0])
})

test('the default is that of client-go: 5 ms to 1000 s for a key, 10 a second and 100 at once for all', () => {
  const clock = new FakeClock()
  const limiter = defaultLimiter(clock)
  expect(times(3, () => limiter.delayMs('one'))).toEqual([5, 10, 20])
  const others = times(98, () => limiter.delayMs(`key ${Math.random()}`))
  expect(others.slice(0, 97)).toEqual(times(97, () => 5))
  expect(others.at(-1)).toBe(100)
  clock.advance(3_600_000)
  expect(times(30, () => limiter.delayMs('one')).at(-1)).toBe(1_000_000)
})

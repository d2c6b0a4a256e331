import { expect, test } from 'vitest'
import { FakeClock } from './clock-fake.ts'
import { systemClock } from './clock.ts'

test('the system clock never goes back and counts milliseconds', () => {
  const first = systemClock.nowMs()
  expect(systemClock.nowMs()).toBeGreaterThanOrEqual(first)
  expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1000)
})

test('a system timer is never early, fires once and not in the same turn', async () => {
  let fired = 0
  const isOnTime = (delayMs: number) =>
    new Promise<boolean>((resolve) => {
      const dueMs = systemClock.nowMs() + delayMs
      systemClock.setTimer(delayMs, () => {
        fired++
        resolve(systemClock.nowMs() >= dueMs)
      })
    })
  // Below the resolution of the clock, where a timer of the event loop alone is early.
  const timers = [-1, 0, 1, 2, 3, 5, 7, 9, 11].map(isOnTime)
  expect(fired).toBe(0)
  expect(await Promise.all(timers)).toEqual(timers.map(() => true))
  expect(fired).toBe(timers.length)
})

test('a delay beyond what setTimeout can hold does not fire at once, and a cancelled timer never', async () => {
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => void warnings.push(name)
  process.on('warning', onWarning)
  const fired: string[] = []
  const cancels = [
    systemClock.setTimer(2 ** 31, () => fired.push('2^31')),
    systemClock.setTimer(Infinity, () => fired.push('never')),
  ]
  systemClock.setTimer(0, () => fired.push('cancelled'))()
  await new Promise<void>((resolve) => void systemClock.setTimer(30, resolve))
  expect([fired, warnings]).toEqual([[], []])
  process.off('warning', onWarning)
  for (const cancel of cancels) cancel()
})

test('the fake clock fires in the order of time, then of creation, each timer at its own time', () => {
  const clock = new FakeClock({ nowMs: 0, wallMs: 500 })
  const fired: string[] = []
  const note = (name: string) => () => fired.push(`${name}@${clock.nowMs()}/${clock.wallMs()}`)
  clock.setTimer(20, note('late'))
  clock.setTimer(10, note('first'))
  clock.setTimer(10, note('second'))
  clock.setTimer(10, note('cancelled'))()
  clock.setTimer(-5, note('at once'))
  clock.setTimer(100, note('not yet'))
  expect(fired).toEqual([])
  clock.advance(50)
  expect(fired).toEqual(['at once@0/500', 'first@10/510', 'second@10/510', 'late@20/520'])
  expect([clock.nowMs(), clock.wallMs(), clock.timers]).toEqual([50, 550, 1])
})

test('timers set while the fake clock advances fire when they fall into the same advance', () => {
  const clock = new FakeClock({ nowMs: 0 })
  const ticks: number[] = []
  const tick = () => {
    ticks.push(clock.nowMs())
    clock.setTimer(10, tick)
  }
  clock.setTimer(10, tick)
  clock.advance(35)
  expect(ticks).toEqual([10, 20, 30])
})

test('the wall of the fake clock can be moved alone', () => {
  const clock = new FakeClock({ nowMs: 7, wallMs: 7 })
  clock.setWall(-3)
  clock.advance(1)
  expect([clock.nowMs(), clock.wallMs()]).toEqual([8, -2])
})

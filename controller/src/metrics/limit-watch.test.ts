import { expect, test } from 'vitest'
import { LimitWatch } from './limit-watch.ts'

const MIB = 2 ** 20

function watchOf(limits: { cpu?: number; memory?: number }): LimitWatch {
  const watch = new LimitWatch()
  watch.watch('a', limits)
  return watch
}

test('three samples in a row over the limit are a breach, two are not', () => {
  const watch = watchOf({ memory: 10 * MIB })
  const over = { cpu: 9, memory: 11 * MIB }
  expect([watch.note('a', over), watch.note('a', over)]).toEqual([false, false])
  expect(watch.breach('a')).toBeUndefined()
  expect(watch.note('a', over)).toBe(true)
  expect(watch.breach('a')).toEqual({ memory: { used: 11 * MIB, limit: 10 * MIB } })
})

test('one sample below the limit begins the count anew, and ends a breach', () => {
  const watch = watchOf({ cpu: 1 })
  const [over, below] = [
    { cpu: 1.5, memory: 0 },
    { cpu: 1, memory: 0 },
  ]
  for (const sample of [over, over, below, over, over]) expect(watch.note('a', sample)).toBe(false)
  expect(watch.note('a', over)).toBe(true)
  expect(watch.breach('a')).toEqual({ cpu: { used: 1.5, limit: 1 } })
  expect(watch.note('a', below)).toBe(true)
  expect(watch.breach('a')).toBeUndefined()
})

test('another limit begins the count anew, the same one does not', () => {
  const watch = watchOf({ memory: MIB })
  for (let count = 0; count < 3; count += 1) watch.note('a', { cpu: 0, memory: 2 * MIB })
  watch.watch('a', { memory: MIB })
  expect(watch.breach('a')).toBeDefined()
  watch.watch('a', { memory: 1.5 * MIB })
  expect(watch.breach('a')).toBeUndefined()
})

test('from four fifths of a limit on a run is near it; one without limits never is', () => {
  const watch = watchOf({ memory: 10 * MIB })
  watch.note('a', { cpu: 100, memory: 7.9 * MIB })
  expect(watch.isNear('a')).toBe(false)
  watch.note('a', { cpu: 0, memory: 8 * MIB })
  expect(watch.isNear('a')).toBe(true)
  expect(watch.isNear('b')).toBe(false)
})

import { expect, test } from 'vitest'
import { ageOf, formatDuration } from './age.ts'

test.each([
  [-5, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [303, '5m3s'],
  [600, '10m'],
  [7500, '125m'],
  [10_800, '3h'],
  [11_100, '3h5m'],
  [30_000, '8h'],
  [172_800, '2d'],
  [187_200, '2d4h'],
  [1_000_000, '11d'],
])('%d s are written as %s', (seconds, expected) => {
  expect(formatDuration(seconds * 1000)).toBe(expected)
})

test('what has no time has no age', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>')
  expect(ageOf(null, 0)).toBe('<unknown>')
  expect(ageOf('1970-01-01T00:00:01Z', 6000)).toBe('5s')
})

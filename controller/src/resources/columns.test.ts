import { expect, test } from 'vitest'
import { ageOf } from './columns.ts'

const NOW = Date.UTC(2026, 0, 10)
const at = (seconds: number): string => ageOf(new Date(NOW - seconds * 1000).toISOString(), NOW)

test.each([
  [0, '0s'],
  [-5, '0s'],
  [119, '119s'],
  [120, '2m'],
  [303, '5m3s'],
  [599, '9m59s'],
  [600, '10m'],
  [3 * 3600 - 1, '179m'],
  [3 * 3600, '3h'],
  [3 * 3600 + 300, '3h5m'],
  [8 * 3600, '8h'],
  [48 * 3600 - 1, '47h'],
  [48 * 3600, '2d'],
  [800 * 86_400, '800d'],
])('%i s is %s', (seconds, age) => {
  expect(at(seconds)).toBe(age)
})

test('no time, no age', () => {
  for (const timestamp of [undefined, null, '', 'yesterday']) expect(ageOf(timestamp, NOW)).toBe('<unknown>')
})

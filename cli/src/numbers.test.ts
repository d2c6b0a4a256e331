import { expect, test } from 'vitest'
import { parseCount, parseDuration } from './numbers.ts'

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['0.5h', 1_800_000],
])('%s is a length of time', (text, ms) => {
  expect(parseDuration('--for', text)).toBe(ms)
})

test.each(['', '5', '5x', '-5m', 'm', '5m ', '0s', '999999999d'])('%j is no length of time', (text) => {
  expect(() => parseDuration('--for', text)).toThrow(
    /^--for must be a length of time such as 90s, 5m, 1h30m or 2d; got "/,
  )
})

test('parseCount takes whole numbers only', () => {
  expect(parseCount('--replicas', '0')).toBe(0)
  for (const text of ['', '-1', '1.5', '1e3', 'x', '12345678'])
    expect(() => parseCount('--replicas', text)).toThrow('--replicas must be a whole number')
})

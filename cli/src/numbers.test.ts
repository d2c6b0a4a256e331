import { expect, test } from 'vitest'
import { parseCount, parseDuration, parseMoment } from './numbers.ts'

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

test('parseMoment takes a time, or one so long ago', () => {
  expect(parseMoment('--until', '2026-03-01T12:00:00+01:00')).toBe('2026-03-01T11:00:00.000Z')
  const ago = Date.now() - Date.parse(parseMoment('--until', '5m'))
  expect(Math.abs(ago - 300_000)).toBeLessThan(5000)
  for (const text of ['noon', '2026-02-31x', '']) expect(() => parseMoment('--until', text)).toThrow('--until must be')
})

import { describe, expect, test } from 'vitest'
import {
  formatAge,
  formatBytes,
  formatCores,
  formatCount,
  formatDuration,
  formatTime,
  formatTimeOfDay,
} from './format.ts'

/** The no-break spaces are checked once, below; elsewhere they would only make the tests hard to read. */
const plain = (text: string) => text.replaceAll(/\s/g, ' ')
const seconds = (count: number) => count * 1000
const minutes = (count: number) => seconds(60) * count
const hours = (count: number) => minutes(60) * count
const days = (count: number) => hours(24) * count

describe('a duration is its two largest units', () => {
  test.each([
    [0, '0 s'],
    [999, '0 s'],
    [seconds(40), '40 s'],
    [seconds(84), '1 min 24 s'],
    [minutes(25), '25 min'],
    [hours(1) + minutes(6) + seconds(59), '1 h 6 min'],
    [hours(2), '2 h'],
    [days(3) + hours(4) + minutes(59), '3 d 4 h'],
    [days(12) + minutes(59), '12 d'],
    [days(400), '400 d'],
    [-seconds(5), '0 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(plain(formatDuration(ms))).toBe(text)
  })
})

test.each([
  [seconds(59), '59 s'],
  [minutes(1) + seconds(59), '1 min'],
  [hours(1) + minutes(6) + seconds(30), '1 h 6 min'],
  [-seconds(2), '0 s'],
])('an age of %d ms is %s: no seconds beside minutes', (ms, text) => {
  expect(plain(formatAge(ms))).toBe(text)
})

describe('a time is as short as it can be', () => {
  const now = new Date(2026, 10, 24, 9, 41, 7).getTime()
  test.each([
    [new Date(2026, 10, 24, 9, 5).getTime(), '09:05'],
    [new Date(2026, 10, 24, 23, 59).getTime(), '23:59'],
    [new Date(2026, 10, 23, 6, 0).getTime(), 'Mon 06:00'],
    [new Date(2026, 10, 30, 6, 0).getTime(), 'Mon 06:00'],
    [new Date(2026, 10, 12, 6, 0).getTime(), '12 Nov, 06:00'],
    [new Date(2025, 10, 12, 6, 0).getTime(), '12 Nov 2025, 06:00'],
  ])('%d is %s', (ms, text) => {
    expect(plain(formatTime(ms, now))).toBe(text)
  })

  test('the time of day has seconds', () => {
    expect(formatTimeOfDay(now)).toBe('09:41:07')
  })
})

test.each([
  [0, '0'],
  [999, '999'],
  [1204, '1 204'],
  [1234567, '1 234 567'],
])('the count %d is %s', (count, text) => {
  expect(plain(formatCount(count))).toBe(text)
})

test.each([
  [0, '0.00'],
  [0.0849, '0.08'],
  [2.4, '2.40'],
])('%d cores are %s', (cores, text) => {
  expect(formatCores(cores)).toBe(text)
})

describe('bytes are KiB, MiB or GiB', () => {
  const mib = 2 ** 20
  test.each([
    [0, '0 KiB'],
    [64 * 1024, '64 KiB'],
    [142.4 * mib, '142 MiB'],
    [1204 * mib, '1 204 MiB'],
    [768 * mib, '768 MiB'],
    [1024 * mib, '1 GiB'],
    [1536 * mib, '1.5 GiB'],
    [64 * 1024 * mib, '64 GiB'],
    [21_811 * mib, '21.3 GiB'],
  ])('%d is %s', (bytes, text) => {
    expect(plain(formatBytes(bytes))).toBe(text)
  })
})

test('no line ends between a number and its unit', () => {
  expect(formatDuration(seconds(84)) + formatBytes(2 ** 31) + formatCount(1204)).not.toContain(' ')
})

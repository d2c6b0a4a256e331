import fc from 'fast-check'
import { expect, test } from 'vitest'
import { choose, chooseForFleet, MOST_POINTS, RESOLUTIONS } from './resolutions.ts'

const NOW = Date.UTC(2026, 5, 1)
const HOUR = 3_600_000
const DAY = 24 * HOUR

test.each([
  ['an hour', HOUR, 0, 'samples_10s', 10_000],
  ['six hours', 6 * HOUR, 0, 'samples_10s', 20_000],
  ['a day', DAY, 0, 'samples_1m', 60_000],
  ['a week', 7 * DAY, 0, 'samples_10s', 0],
  ['30 days', 30 * DAY, 0, 'samples_15m', 1_800_000],
  ['30 days in hours', 30 * DAY, HOUR, 'samples_1h', HOUR],
  ['an hour in quarters', HOUR, 900_000, 'samples_15m', 900_000],
  ['20 minutes from minutes', DAY, 1_200_000, 'samples_1m', 1_200_000],
  ['longer than anything is kept', 400 * DAY, 0, 'samples_6h', 6 * HOUR],
])('%s', (name, spanMs, stepMs, table, expected) => {
  const choice = choose({ sinceMs: NOW - spanMs, untilMs: NOW, stepMs }, NOW)
  if (name === 'a week') expect(choice).toMatchObject({ resolution: { table: 'samples_1m' }, stepMs: 600_000 })
  else expect(choice).toMatchObject({ resolution: { table }, stepMs: expected })
})

test('an old hour is answered from what is kept of it', () => {
  const sinceMs = NOW - 20 * DAY
  expect(choose({ sinceMs, untilMs: sinceMs + HOUR }, NOW).resolution.table).toBe('samples_15m')
})

test('a step is never finer than asked for or than its table, and the points are never too many', () => {
  const spans = fc.record({
    sinceMs: fc.integer({ min: NOW - 500 * DAY, max: NOW }),
    spanMs: fc.integer({ min: 1, max: 500 * DAY }),
    stepMs: fc.option(fc.integer({ min: 1, max: 10 * DAY }), { nil: undefined }),
  })
  fc.assert(
    fc.property(spans, ({ sinceMs, spanMs, stepMs }) => {
      const span = { sinceMs, untilMs: sinceMs + spanMs, ...(stepMs !== undefined && { stepMs }) }
      const choice = choose(span, NOW)
      expect(choice.stepMs).toBeGreaterThanOrEqual(stepMs ?? 0)
      expect(choice.stepMs % choice.resolution.periodMs).toBe(0)
      expect(Math.ceil(spanMs / choice.stepMs)).toBeLessThanOrEqual(MOST_POINTS)
      const isKept = NOW - choice.resolution.keptMs - choice.resolution.periodMs <= sinceMs
      expect(isKept || choice.resolution === RESOLUTIONS.at(-1)).toBe(true)
    }),
  )
})

test.each([
  ['a day', DAY, 0, 'samples_1h', HOUR],
  ['a week', 7 * DAY, 0, 'samples_6h', 6 * HOUR],
  ['a day in steps of 90 minutes', DAY, 1.5 * HOUR, 'samples_1h', 2 * HOUR],
  ['a week in days', 7 * DAY, DAY, 'samples_6h', DAY],
])('of a fleet, %s', (_, spanMs, stepMs, table, expected) => {
  const choice = chooseForFleet({ sinceMs: NOW - spanMs, untilMs: NOW, stepMs })
  expect(choice).toMatchObject({ resolution: { table }, stepMs: expected })
})

import type { SamplesPoint, ServiceSamples } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { timeTicks, topOf } from './axes.ts'
import { joinMarks, lastValue, pointsOf, restartBars, valueAt, whileRunning } from './series.ts'
import { chosenRange, stepFor, withRange, zoomed } from './time-range.ts'

const BASE = new Date(2026, 0, 5, 12).getTime()
const SECOND = 1000
const HOUR = 3600 * SECOND

function samples(points: readonly (Partial<SamplesPoint> & { at: number })[], stepSeconds = 10): ServiceSamples {
  return {
    ...{ apiVersion: 'orc.dev/v1alpha1', kind: 'ServiceSamples', metadata: { name: 'web' }, since: '', until: '' },
    stepSeconds,
    points: points.map(({ at, ...point }) => ({
      ...{ wantedReplicas: 1, readyReplicas: 1, leastReadyReplicas: 1, restarts: 0, ...point },
      time: new Date(BASE + at * SECOND).toISOString(),
    })),
  }
}

describe('lines', () => {
  test('end where no sample was taken and where nothing was known', () => {
    const points = pointsOf(
      samples([{ at: 0, cpuCores: 1 }, { at: 10, cpuCores: 2 }, { at: 60, cpuCores: 3 }, { at: 70 }]),
      ({ cpuCores }) => cpuCores,
    )
    expect(points.map(({ x, y }) => [(x - BASE) / SECOND, y])).toEqual([
      [0, 1],
      [10, 2],
      [20, NaN],
      [60, 3],
      [70, NaN],
    ])
    expect(lastValue(points)).toBeUndefined()
    expect(lastValue(points.slice(0, 2))).toBe(2)
    expect(valueAt(points, BASE + 12 * SECOND, 10 * SECOND)?.y).toBe(2)
    expect(valueAt(points, BASE + 35 * SECOND, 10 * SECOND)).toBeUndefined()
  })
})

test('a service without a process uses nothing that could be shown', () => {
  const all = samples([
    { at: 0, memoryBytes: 7, processes: 1 },
    { at: 10, memoryBytes: 0, processes: 0 },
  ])
  expect(pointsOf(all, whileRunning('memoryBytes')).map(({ y }) => y)).toEqual([7, NaN])
})

test('restarts are counted into bars that are wide enough to see', () => {
  const range = { sinceMs: BASE, untilMs: BASE + HOUR }
  const { seconds, bars, total } = restartBars(
    samples([
      { at: 10, restarts: 1 },
      { at: 200, restarts: 2 },
      { at: 400, restarts: 1 },
      { at: 500, restarts: 0 },
    ]),
    range,
  )
  expect([seconds, total, bars.map(({ y }) => y)]).toEqual([300, 4, [3, 1]])
})

test('exits that would lie on each other are one mark', () => {
  const marks = [0, 1, 2, 600, 5000].map((at) => ({ atMs: BASE + at * SECOND, words: String(at) }))
  const joined = joinMarks(marks, { sinceMs: BASE, untilMs: BASE + HOUR })
  expect(joined.map(({ words, count }) => [words, count])).toEqual([
    ['0', 3],
    ['600', 1],
  ])
})

describe('axes', () => {
  test('ticks stand at round times, five at most and a bit', () => {
    const range = { sinceMs: BASE + 7 * 60 * SECOND, untilMs: BASE + HOUR + 7 * 60 * SECOND }
    expect(timeTicks(range).map(({ label }) => label)).toEqual(['12:15', '12:30', '12:45', '13:00'])
    const month = { sinceMs: BASE - 30 * 24 * HOUR, untilMs: BASE }
    expect(timeTicks(month).length).toBeLessThanOrEqual(6)
    expect(timeTicks(month)[0]?.label).toMatch(/^\d+\sDec 2025$/)
  })

  test.each([
    [0, 'Number', 1],
    [0.84, 'Number', 1],
    [3, 'Number', 5],
    [38, 'Number', 50],
    [100, 'Number', 100],
    [700 * 2 ** 20, 'Bytes', 2 ** 30],
    [2 ** 30, 'Bytes', 2 ** 30],
  ] as const)('the top above %d %s is %d', (most, unit, top) => {
    expect(topOf(most, unit)).toBe(top)
  })
})

describe('the range', () => {
  test('is read from the address, and nonsense is the last hour', () => {
    const read = (query: string) => chosenRange(new URLSearchParams(query))
    expect(read('range=7d')).toMatchObject({ type: 'Last', name: '7d' })
    expect(read('range=9y')).toMatchObject({ type: 'Last', name: '1h' })
    expect(read('from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z')).toMatchObject({ type: 'Fixed' })
    expect(read('from=2026-01-01T00:00:00Z&to=2025-01-01T01:00:00Z')).toMatchObject({ type: 'Last', name: '1h' })
  })

  test('is written into the address, and one takes the place of the other', () => {
    const url = new URL('http://orc/services/default/web?range=6h&x=1#metrics')
    const zoomedTo = withRange(url, { sinceMs: 0, untilMs: HOUR })
    expect(zoomedTo).toBe(
      '/services/default/web?x=1&from=1970-01-01T00%3A00%3A00.000Z&to=1970-01-01T01%3A00%3A00.000Z#metrics',
    )
    expect(withRange(new URL(zoomedTo, url), '15m')).toBe('/services/default/web?x=1&range=15m#metrics')
  })

  test('a drag zooms in either direction, a click does not, and nothing is shorter than a minute', () => {
    const range = { sinceMs: BASE, untilMs: BASE + HOUR }
    expect(zoomed(range, 0.75, 0.25)).toEqual({ sinceMs: BASE + HOUR / 4, untilMs: BASE + (3 * HOUR) / 4 })
    expect(zoomed(range, 0.5, 0.505)).toBeUndefined()
    const minute = zoomed({ sinceMs: BASE, untilMs: BASE + 60 * SECOND }, 0.4, 0.6)
    expect(minute).toEqual({ sinceMs: BASE, untilMs: BASE + 60 * SECOND })
  })

  test.each([
    [0.25, 10],
    [1, 10],
    [6, 60],
    [24, 300],
    [7 * 24, 1800],
    [30 * 24, 7200],
    [365 * 24, 7200],
  ])('%d hours are asked for in steps of %d s', (hours, step) => {
    expect(stepFor({ sinceMs: 0, untilMs: hours * HOUR })).toBe(step)
  })
})

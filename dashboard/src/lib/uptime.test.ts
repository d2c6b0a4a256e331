import type { ServiceOverview } from '@orc/schemas'
import { expect, test } from 'vitest'
import { tickSentence, uptimeOf, uptimes, uptimeSentence } from './uptime.ts'

const DAY = overview('web', [1, 0.999, 0.9, 0.2, 0, null], 0.62)

test('a tick is as high as its hour was bad, and quiet where nothing was wanted', () => {
  const { ticks } = uptimeOf(DAY, undefined)
  expect(ticks.map(({ state }) => state)).toEqual(['Up', 'Up', 'Degraded', 'Down', 'Down', 'Quiet'])
  expect(ticks[1]).toMatchObject({
    fromMs: Date.parse('2026-11-22T01:00:00Z'),
    toMs: Date.parse('2026-11-22T02:00:00Z'),
  })
})

test('the bar is a sentence too', () => {
  expect(uptimeSentence(uptimeOf(DAY, undefined))).toBe(
    'Ready 62.0\u00a0% of the last 24 hours; 3 of 5 hours were worse.',
  )
  expect(uptimeSentence(uptimeOf(overview('web', [1, 1], 1), undefined))).toBe(
    'Ready 100\u00a0% of the last 24 hours; no hour was worse than that.',
  )
  expect(uptimeSentence(uptimeOf(overview('web', [null], undefined), undefined))).toBe(
    'Nothing is known of the last 24 hours.',
  )
})

test('each tick says when it was and what', () => {
  const [, , third, , , last] = uptimeOf(DAY, undefined).ticks
  const now = Date.parse('2026-11-22T10:00:00Z')
  expect(third && tickSentence(third, now)).toMatch(/^\d\d:\d\d to \d\d:\d\d: not always ready \(90\.0\u00a0%\)$/)
  expect(last && tickSentence(last, now)).toMatch(/: switched off, or nothing is known$/)
})

test('day and week of a service come together', () => {
  const all = uptimes([DAY, overview('other', [1], 1)], [overview('web', [1], 0.98)])
  expect(all.get('default/web')).toMatchObject({ dayShare: 0.62, weekShare: 0.98 })
  expect(all.get('default/other')?.weekShare).toBeUndefined()
})

function overview(name: string, shares: readonly (number | null)[], share: number | undefined): ServiceOverview {
  return {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'ServiceOverview',
    metadata: { name, namespace: 'default' },
    since: '2026-11-22T00:00:00Z',
    stepSeconds: 3600,
    ...(share === undefined ? {} : { uptimeShare: share }),
    restarts: 0,
    uptimeShares: shares,
    cpuCores: [],
    memoryBytes: [],
  }
}

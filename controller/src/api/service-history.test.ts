/** What is remembered of services, as the API shows it: parameters that are read or refused, and the form of answers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OverviewRow, RememberedRun, Span } from '../ports/service-history.ts'
import { serviceOf, startTestServer, TOKEN, type TestServer } from './server-fake.ts'

const WEB = '/apis/orc.dev/v1alpha1/namespaces/default/agentservices/web'
const OVERVIEWS = '/apis/orc.dev/v1alpha1/serviceoverviews'
const NOW = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000

const RUN: RememberedRun = {
  ...{ runId: 'r', namespace: 'default', service: 'web', uid: 'u', ordinal: 0, seq: 3, incarnation: 1, revision: 'ab' },
  ...{ exitCode: 137, signal: 9, reason: 'Killed', startedAtMs: NOW - 1000, finishedAtMs: NOW, lastLines: 'boom' },
  fingerprint: 'f',
}

function overviewRow(more: Partial<OverviewRow>): OverviewRow {
  return {
    ...{ namespace: 'default', service: 'web', uid: 'u', uptimeShare: 0.99999, restarts: 2 },
    ...{ uptimeShares: [1], cpuCores: [0.5], memoryBytes: [null] },
    ...more,
  }
}

let server: TestServer
let asked: unknown[]
beforeEach(async () => {
  asked = []
  const rows = [overviewRow({}), overviewRow({ uid: 'before' }), overviewRow({ namespace: 'team', uid: 'gone' })]
  server = await startTestServer({
    history: {
      samples: (service, span) => answer([service, span], { stepMs: 60_000, points: [] }),
      runs: (...question) => answer(question, [RUN]),
      failures: (...question) => answer(question, []),
      overview: (...question) => answer(question, { sinceMs: NOW - HOUR, stepMs: HOUR, rows }),
    },
  })
  server.cache.put(serviceOf('web', { uid: 'u' }))
})
afterEach(() => server.close())

function answer<T>(question: unknown, value: T): Promise<T> {
  asked.push(question)
  return Promise.resolve(value)
}

const IDENTITY = { namespace: 'default', service: 'web', uid: 'u' }

describe('samples', () => {
  test.each<[string, Span]>([
    ['', { sinceMs: NOW - 24 * HOUR, untilMs: NOW }],
    ['?since=7d&step=15m', { sinceMs: NOW - 7 * 24 * HOUR, untilMs: NOW, stepMs: 900_000 }],
    ['?since=2025-12-31T00:00:00Z&until=1h&step=60', { sinceMs: NOW - 24 * HOUR, untilMs: NOW - HOUR, stepMs: 60_000 }],
  ])('of the time %s', async (query, span) => {
    const reply = await server.send('GET', `${WEB}/samples${query}`)
    expect(reply.json).toEqual({
      ...{ apiVersion: 'orc.dev/v1alpha1', kind: 'ServiceSamples' },
      metadata: { name: 'web', namespace: 'default', uid: 'u' },
      since: new Date(span.sinceMs).toISOString(),
      until: new Date(span.untilMs).toISOString(),
      ...{ stepSeconds: 60, points: [] },
    })
    expect(asked).toEqual([[IDENTITY, span]])
  })
})

test('runs are shown as they ended', async () => {
  const reply = await server.send('GET', `${WEB}/runs?since=1h&limit=7`)
  expect(reply.json).toMatchObject({
    kind: 'ServiceRuns',
    items: [
      {
        ...{ runId: 'r', run: 3, exitCode: 137, signal: 9, reason: 'Killed', message: 'boom', fingerprint: 'f' },
        finishedAt: '2026-01-01T00:00:00.000Z',
      },
    ],
  })
  expect(asked).toEqual([[IDENTITY, NOW - HOUR, 7]])
})

test('failures are those of the last week', async () => {
  expect((await server.send('GET', `${WEB}/failures`)).json).toMatchObject({
    ...{ kind: 'ServiceFailures', since: '2025-12-25T00:00:00.000Z', items: [] },
  })
  expect(asked).toEqual([[IDENTITY, NOW - 7 * 24 * HOUR]])
})

test('an overview holds the services that are there now, by name too and as a table', async () => {
  const { items } = (await server.send('GET', OVERVIEWS)).json
  expect(items).toEqual([
    {
      ...{ apiVersion: 'orc.dev/v1alpha1', kind: 'ServiceOverview', since: '2025-12-31T23:00:00.000Z' },
      metadata: { name: 'web', namespace: 'default', uid: 'u' },
      ...{ stepSeconds: 3600, uptimeShare: 0.99999, restarts: 2 },
      ...{ uptimeShares: [1], cpuCores: [0.5], memoryBytes: [null] },
    },
  ])
  const place = OVERVIEWS.replace('serviceoverviews', 'namespaces/default/serviceoverviews')
  expect((await server.send('GET', `${place}/web`)).json).toEqual(items[0])
  expect((await server.send('GET', `${place}/other`)).status).toBe(404)
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const headers = { authorization: `Bearer ${TOKEN}`, accept }
  const { rows } = (await server.send('GET', `${place}?since=7d`, { headers })).json
  expect(rows[0].cells).toEqual(['web', '99.99%', 2])
  expect(asked.at(-1)).toEqual(['default', { sinceMs: NOW - 7 * 24 * HOUR, untilMs: NOW }])
})

test.each([
  [`${WEB}/samples?since=yesterday`, 'since'],
  [`${WEB}/samples?until=2026-01-01`, 'until'],
  [`${WEB}/samples?since=0`, 'since'],
  [`${WEB}/samples?step=0`, 'step'],
  [`${WEB}/samples?step=1w`, 'step'],
  [`${WEB}/samples?since=1h&until=2h`, 'since'],
  [`${WEB}/runs?limit=0`, 'limit'],
  [`${WEB}/runs?limit=501`, 'limit'],
  [`${WEB}/runs?limit=-1`, 'limit'],
  [`${WEB}/runs?since=x`, 'since'],
  [`${WEB}/failures?since=x`, 'since'],
  [`${OVERVIEWS}?since=8d`, 'since'],
])('%s is refused by the name of the parameter', async (address, name) => {
  const { status, json } = await server.send('GET', address)
  expect(status).toBe(400)
  expect(json.message).toMatch(new RegExp(`^${name} `))
  expect(asked).toEqual([])
})

test('what history cannot say now is said so, and of an unknown service nothing is asked', async () => {
  const none = await startTestServer({
    history: { samples: () => Promise.resolve(undefined), overview: () => Promise.resolve(undefined) },
  })
  none.cache.put(serviceOf('web', { uid: 'u' }))
  for (const address of [`${WEB}/samples`, OVERVIEWS])
    expect((await none.send('GET', address)).json).toMatchObject({ code: 503, reason: 'ServiceUnavailable' })
  await none.close()
  expect((await server.send('GET', `${WEB.replace('web', 'other')}/samples`)).status).toBe(404)
  expect(asked).toEqual([])
})

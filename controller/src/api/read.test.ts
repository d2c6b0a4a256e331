import { RESOURCES, type AgentService } from '@orc/schemas'
import { OrcClient } from '@orc/sdk/client'
import { nodeTransport } from '@orc/sdk/client/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { podOf, serviceOf, startTestServer, TOKEN, type TestServer } from './server-fake.ts'

let server: TestServer
let client: OrcClient

const SAMPLES = ['b', 'a'].map((service) => ({
  namespace: 'default',
  pod: `${service}-0`,
  service,
  cpu: 0.0123,
  memory: 1024 * 1024 + 1,
  processes: 1,
  sampledAtMs: Date.UTC(2026, 0, 1),
  windowMs: 10_000,
}))

beforeEach(async () => {
  server = await startTestServer({ samples: SAMPLES })
  client = new OrcClient(nodeTransport({ server: server.url, token: TOKEN }))
  for (const [namespace, name, team] of [
    ['default', 'b', 'x'],
    ['default', 'a', 'y'],
    ['other', 'c', 'x'],
  ] as const)
    server.cache.put(serviceOf(name, { namespace, labels: { team }, creationTimestamp: '2025-12-31T23:00:00Z' }))
})
afterEach(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const ALL = '/apis/orc.dev/v1alpha1/agentservices'
const DEFAULT = '/apis/orc.dev/v1alpha1/namespaces/default/agentservices'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const asTable = { headers: { authorization: `Bearer ${TOKEN}`, accept: TABLE } }

const names = ({ items }: { items: readonly AgentService[] }): string[] => items.map(({ metadata }) => metadata.name)

describe('a list', () => {
  test('has every object, sorted, and the version to watch from', async () => {
    expect((await server.send('GET', ALL)).json).toEqual({
      kind: 'AgentServiceList',
      apiVersion: 'orc.dev/v1alpha1',
      metadata: { resourceVersion: server.cache.snapshotVersion() },
      items: server.cache.list('AgentService'),
    })
    expect(names(await client.list(RESOURCES.agentservices))).toEqual(['a', 'b', 'c'])
  })

  test('of a namespace, of a selection', async () => {
    const list = async (options: object): Promise<string[]> =>
      names(await client.list(RESOURCES.agentservices, options))
    expect(await list({ namespace: 'default' })).toEqual(['a', 'b'])
    expect(await list({ labelSelector: 'team in (x)' })).toEqual(['b', 'c'])
    expect(await list({ namespace: 'default', labelSelector: 'team=x' })).toEqual(['b'])
    expect(await list({ fieldSelector: 'metadata.namespace!=default' })).toEqual(['c'])
    expect(await list({ namespace: 'empty' })).toEqual([])
  })

  test('comes in pages of one state', async () => {
    const first = (await server.send('GET', `${ALL}?limit=2`)).json
    expect(names(first)).toEqual(['a', 'b'])
    expect(first.metadata.remainingItemCount).toBe(1)
    server.cache.delete('AgentService/other/c')
    server.cache.put(serviceOf('d', { namespace: 'other' }))
    const token = first.metadata.continue as string
    const second = (await server.send('GET', `${ALL}?limit=2&continue=${token}`)).json
    expect(names(second)).toEqual(['c'])
    expect(second.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion })
    expect((await server.send('GET', `${DEFAULT}?limit=2&continue=${token}`)).status).toBe(400)
    expect((await server.send('GET', `${ALL}?limit=2&continue=nonsense`)).status).toBe(400)
    server.clock.advance(300_000)
    expect((await server.send('GET', `${ALL}?limit=2&continue=${token}`)).json).toMatchObject({
      code: 410,
      reason: 'Expired',
    })
  })

  test('in pages does not count what a selection leaves out', async () => {
    const { metadata } = (await server.send('GET', `${ALL}?limit=1&labelSelector=team%3Dx`)).json
    expect(metadata.continue).toBeDefined()
    expect(metadata.remainingItemCount).toBeUndefined()
  })

  test.each([
    ['limit=x', 400],
    ['limit=-1', 400],
    ['limit=9007199254740993', 400],
    ['watch=maybe', 400],
    ['resourceVersion=x', 400],
    ['resourceVersion=99999999', 504],
    ['resourceVersion=7&resourceVersionMatch=Exact', 410],
    ['labelSelector=a%20b', 400],
    ['fieldSelector=status.phase%3Dx', 400],
    ['includeObject=x', 400],
    ['resourceVersion=0', 200],
    ['limit=0', 200],
    ['unknown=parameter', 200],
  ])('with %s: %i', async (query, code) => {
    expect((await server.send('GET', `${ALL}?${query}`)).status).toBe(code)
  })

  test('for HEAD has the headers alone', async () => {
    const reply = await server.send('HEAD', `${ALL}?watch=true`)
    expect([reply.status, reply.text]).toEqual([200, ''])
    expect(Number(reply.headers['content-length'])).toBeGreaterThan(100)
  })

  test('says that nobody may keep it', async () => {
    const { headers } = await server.send('GET', ALL)
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      'x-content-type-options': 'nosniff',
    })
    for (const name of ['access-control-allow-origin', 'x-powered-by', 'etag', 'set-cookie'])
      expect(headers).not.toHaveProperty(name)
  })

  test('in a form that is not made is 406', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/yaml' }
    for (const path of [ALL, `${DEFAULT}/a`, `${ALL}?watch=true`])
      expect((await server.send('GET', path, { headers })).json).toMatchObject({ code: 406, reason: 'NotAcceptable' })
  })
})

describe('a table', () => {
  test('of a list', async () => {
    const { json } = await server.send('GET', `${DEFAULT}?limit=1`, asTable)
    expect(json).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { remainingItemCount: 1 } })
    expect(
      json.columnDefinitions.map(({ name, priority }: { name: string; priority: number }) => [name, priority]),
    ).toEqual([
      ['Name', 0],
      ['Desired', 0],
      ['Ready', 0],
      ['Status', 0],
      ['Restarts', 0],
      ['Age', 0],
      ['Command', 1],
      ['Selector', 1],
    ])
    expect(json.rows[0].cells).toEqual(['a', 1, '0/1', 'Unknown', 0, '60m', 'sleep 300', 'orc.dev/service=a'])
    expect(json.rows[0].object).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: server.cache.get('AgentService/default/a')?.metadata,
    })
  })

  test('of one object, with the object or without', async () => {
    const whole = await server.send('GET', `${DEFAULT}/a?includeObject=Object`, asTable)
    expect(whole.json.rows[0].object).toEqual(server.cache.get('AgentService/default/a'))
    const bare = await server.send('GET', `${DEFAULT}/a?includeObject=None`, asTable)
    expect(bare.json.rows[0].object).toBeNull()
    expect(bare.json.metadata.resourceVersion).toBe(
      server.cache.get('AgentService/default/a')?.metadata.resourceVersion,
    )
  })

  test('of each other kind', async () => {
    server.cache.put(podOf('a'))
    server.cache.put({
      ...podOf('gone'),
      metadata: { ...podOf('gone').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    })
    const cells = async (path: string): Promise<unknown> =>
      (await server.send('GET', path, asTable)).json.rows.map((row: { cells: unknown }) => row.cells)
    expect(await cells('/api/v1/pods')).toEqual([
      ['a-0', '1/1', 'Running', '2', '0s', '127.0.0.1', 'localhost'],
      ['gone-0', '1/1', 'Terminating', '2', '0s', '127.0.0.1', 'localhost'],
    ])
    server.cache.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', namespace: 'default' },
      data: { a: '1' },
    } as never)
    server.cache.put({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'default' },
      data: { a: 'MQ==' },
    } as never)
    server.cache.put({
      ...{ apiVersion: 'orc.dev/v1alpha1', kind: 'Manifest', metadata: { name: 'm' }, spec: { path: 'm.yaml' } },
      status: { state: 'Invalid', observedHash: '', objects: [], errors: ['m.yaml:1:1: no'], warnings: [] },
    } as never)
    expect(await cells('/api/v1/configmaps')).toEqual([['c', 1, '<unknown>']])
    expect(await cells('/api/v1/secrets')).toEqual([['s', 'Opaque', 1, '<unknown>']])
    expect(await cells('/apis/orc.dev/v1alpha1/manifests')).toEqual([['m', 'm.yaml', 'Invalid', 0, 'm.yaml:1:1: no']])
    expect(await cells('/apis/metrics.k8s.io/v1beta1/pods')).toEqual([
      ['a-0', '12300000n', '1025Ki', '10s'],
      ['b-0', '12300000n', '1025Ki', '10s'],
    ])
  })
})

describe('what pods use', () => {
  const PODS = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods'

  test('is what metrics.k8s.io says', async () => {
    server.cache.put(podOf('a'))
    expect((await server.send('GET', `${PODS}/a-0`)).json).toEqual({
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'PodMetrics',
      metadata: {
        name: 'a-0',
        namespace: 'default',
        labels: podOf('a').metadata.labels,
        creationTimestamp: '2026-01-01T00:00:00.000Z',
      },
      timestamp: '2026-01-01T00:00:00.000Z',
      window: '10s',
      containers: [{ name: 'a', usage: { cpu: '12300000n', memory: '1025Ki' } }],
    })
  })

  test('is selected by the labels of the pods', async () => {
    const { json } = await server.send('GET', `${PODS}?labelSelector=orc.dev/service%3Db`)
    expect(json).toMatchObject({ kind: 'PodMetricsList', items: [{ metadata: { name: 'b-0' } }] })
    expect((await server.send('GET', `${PODS}/c-0`)).json.message).toBe('pods.metrics.k8s.io "c-0" not found')
    expect((await server.send('GET', PODS.replace('default', 'other'))).json.items).toEqual([])
  })

  test('cannot be watched', async () => {
    expect((await server.send('GET', `${PODS}?watch=true`)).status).toBe(405)
  })
})

test('an error of ours is a 500 without its text, and goes to the log', async () => {
  const broken = await startTestServer()
  broken.cache.list = () => {
    throw new Error('a secret detail')
  }
  const reply = await broken.send('GET', `${ALL}?token=${TOKEN}`)
  expect(reply.json).toMatchObject({ kind: 'Status', code: 500, reason: 'InternalError' })
  expect(reply.text).not.toContain('detail')
  expect(broken.errors).toEqual([`GET ${ALL} failed: Error: a secret detail`])
  await broken.close()
})

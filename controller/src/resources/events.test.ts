import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeEvent } from '@orc/schemas'
import { startTestServer, TOKEN, type TestServer } from '../api/server-fake.ts'

let server: TestServer

function eventOf(name: string, kind: string, type: KubeEvent['type'] = 'Normal'): KubeEvent {
  const apiVersion = kind === 'Pod' ? 'v1' : 'orc.dev/v1alpha1'
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    involvedObject: { apiVersion, kind, namespace: 'default', name: 'web', uid: `uid-of-${kind}` },
    type,
    reason: type === 'Normal' ? 'Started' : 'BackOff',
    message: 'The process was started.',
    source: { component: 'orc' },
    firstTimestamp: '2025-12-31T23:55:00.000Z',
    lastTimestamp: '2025-12-31T23:58:30.000Z',
    count: 3,
    reportingComponent: 'orc',
    reportingInstance: '',
  }
}

beforeAll(async () => {
  server = await startTestServer()
  for (const event of [eventOf('a', 'Pod'), eventOf('b', 'Pod', 'Warning'), eventOf('c', 'AgentService')])
    server.cache.put(event)
})
afterAll(() => server.close())

// As kubectl describe, kubectl events --for and kubectl get events send them.
test.each([
  [
    'involvedObject.name=web,involvedObject.namespace=default,involvedObject.kind=AgentService,involvedObject.uid=uid-of-AgentService',
    ['c'],
  ],
  ['involvedObject.kind=Pod,involvedObject.apiVersion=v1,involvedObject.name=web', ['a', 'b']],
  ['involvedObject.uid=another', []],
  ['type=Warning', ['b']],
  ['type!=Normal', ['b']],
  ['reason=Started', ['a', 'c']],
  ['metadata.name=a', ['a']],
])('%s selects %j', async (selector, names) => {
  const path = `/api/v1/namespaces/default/events?limit=500&fieldSelector=${encodeURIComponent(selector)}`
  const reply = await server.send('GET', path)
  expect(reply.status).toBe(200)
  expect(reply.json.items.map(({ metadata }: KubeEvent) => metadata.name)).toEqual(names)
})

test('fields of events are no fields of other kinds', async () => {
  const reply = await server.send('GET', '/api/v1/namespaces/default/pods?fieldSelector=involvedObject.kind%3DPod')
  expect(reply.status).toBe(400)
})

test('the table is the one of kubectl get events', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const authorization = `Bearer ${TOKEN}`
  const { json } = await server.send('GET', '/api/v1/events', { headers: { accept, authorization } })
  const shown = json.columnDefinitions.filter(({ priority }: { priority: number }) => priority === 0)
  expect(shown.map(({ name }: { name: string }) => name)).toEqual(['Last Seen', 'Type', 'Reason', 'Object', 'Message'])
  expect(json.rows[1].cells).toEqual([
    ...['90s', 'Warning', 'BackOff', 'pod/web', 'orc', 'The process was started.', '5m'],
    ...[3, 'b'],
  ])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { serviceOf, startTestServer, TOKEN, type TestServer } from '../api/server-fake.ts'

const spec = { command: ['a'], args: [], env: [{ name: 'V', value: '1' }], replicas: 3, description: 'x' }
const common = { namespace: 'default', service: 'web', serviceUid: 'u', isProven: true, spec }
const at = (minute: number): string => `2026-01-01T00:0${String(minute)}:00Z`

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({
    revisions: [
      { ...common, name: 'web-aa', uid: 'ra', number: 1, revision: 'aa', createdAt: at(0) },
      { ...common, name: 'web-bb', uid: 'rb', number: 2, revision: 'bb', createdAt: at(1), isProven: false },
      {
        ...{ ...common, name: 'web-cc', uid: 'rc', number: 3, revision: 'cc', createdAt: at(2), isProven: false },
        rejection: { message: 'It exits.' },
      },
      { ...common, name: 'web-dd', uid: 'rd', number: 4, revision: 'dd', createdAt: at(3), isProven: false },
    ],
  })
  server.cache.put({ ...serviceOf('web'), status: { currentRevision: 'dd' } } as never)
})
afterAll(() => server.close())

const REVISIONS = '/apis/apps/v1/namespaces/default/controllerrevisions'

test('a revision shows what ran, and nothing else of the spec', async () => {
  expect((await server.send('GET', `${REVISIONS}/web-cc`)).json).toEqual({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      ...{ name: 'web-cc', namespace: 'default', uid: 'rc', creationTimestamp: at(2) },
      labels: { 'orc.dev/service': 'web' },
      ownerReferences: [
        { apiVersion: 'orc.dev/v1alpha1', kind: 'AgentService', name: 'web', uid: 'u', controller: true },
      ],
    },
    revision: 3,
    data: { spec: { command: ['a'], args: [], env: [{ name: 'V', value: '1' }] } },
    orc: { state: 'Rejected', revision: 'cc', message: 'It exits.' },
  })
})

test('the one in force is that which the status of the service names', async () => {
  const { json } = await server.send('GET', `${REVISIONS}?labelSelector=orc.dev/service%3Dweb`)
  const items = json.items as { readonly orc: { readonly state: string } }[]
  expect(items.map(({ orc }) => orc.state)).toEqual(['Proven', 'New', 'Rejected', 'InForce'])
})

test('kubectl prints them as a table, and cannot change them', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const authorization = { authorization: `Bearer ${TOKEN}` }
  const { json } = await server.send('GET', `${REVISIONS}/web-dd`, { headers: { ...authorization, accept } })
  expect(json.rows[0].cells.slice(0, 4)).toEqual(['web-dd', 'web', 4, 'InForce'])
  expect((await server.send('DELETE', `${REVISIONS}/web-dd`)).status).toBe(405)
})

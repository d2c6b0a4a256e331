import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { changedFields } from './changed-fields.ts'
import { serviceOf, startTestServer, type TestServer } from './server-fake.ts'

const SERVICES = '/apis/orc.dev/v1alpha1/namespaces/default/agentservices'
const SECRETS = '/api/v1/namespaces/default/secrets'
const CANARY = 'canary-3f9a'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(() => {
  for (const kind of ['AgentService', 'Secret'])
    for (const { metadata } of server.cache.list(kind)) server.cache.delete(`${kind}/default/${metadata.name}`)
  server.mutations.length = 0
})

const secretOf = (data: Record<string, string>) => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' } },
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
})

test('a change leaves one row with who, what, from, to and the fields that differ', async () => {
  await server.send('POST', SERVICES, { body: serviceOf('web') })
  await server.send('PATCH', `${SERVICES}/web`, { body: { spec: { command: ['sleep', '301'], replicas: 2 } } })
  await server.send('PATCH', `${SERVICES}/web/scale`, { body: { spec: { replicas: 3 } } })
  await server.send('DELETE', `${SERVICES}/web`)
  const common = { user: 'admin', kind: 'AgentService', namespace: 'default', name: 'web', code: 200 }
  const [created, patched, scaled, deleted, ...more] = server.mutations
  expect(more).toEqual([])
  expect(created).toMatchObject({ ...common, verb: 'create', code: 201, toGeneration: 1 })
  expect(created).not.toHaveProperty('fromVersion')
  expect(patched).toMatchObject({ ...common, verb: 'patch', fromGeneration: 1, toGeneration: 2 })
  expect(patched?.fromVersion).toBe(created?.toVersion)
  expect(patched?.changed).toEqual(['spec.command[1]', 'spec.replicas'])
  expect(scaled).toMatchObject({ ...common, verb: 'patch', subresource: 'scale', changed: ['spec.replicas'] })
  expect(deleted).toMatchObject({ ...common, verb: 'delete', fromVersion: scaled?.toVersion })
  expect(deleted).not.toHaveProperty('toVersion')
})

test('a refusal leaves one row with its code, wherever it was refused', async () => {
  await server.send('DELETE', `${SERVICES}/missing`)
  await server.send('POST', SERVICES, { body: '{' })
  await server.send('POST', SERVICES, { body: { ...serviceOf('web'), spec: { command: [], replicas: -1 } } })
  await server.send('POST', SERVICES, { body: serviceOf('web'), headers: { authorization: 'Bearer no' } })
  await server.send('PATCH', `${SERVICES}/NoName!`, { body: {} })
  expect(server.mutations).toMatchObject([
    { verb: 'delete', name: 'missing', code: 404, reason: 'NotFound', user: 'admin' },
    { verb: 'create', name: '', code: 400, reason: 'BadRequest' },
    { verb: 'create', name: 'web', code: 422, reason: 'Invalid', changed: ['spec.command', 'spec.replicas'] },
    { verb: 'create', name: '', code: 401, reason: 'Unauthorized', user: '' },
    { verb: 'patch', name: 'NoName!', code: 400, reason: 'BadRequest' },
  ])
})

test('each object that goes with others has a row of its own', async () => {
  for (const name of ['a', 'b']) await server.send('POST', SERVICES, { body: serviceOf(name) })
  server.mutations.length = 0
  await server.send('DELETE', SERVICES)
  await server.send('DELETE', SERVICES)
  expect(server.mutations.map(({ verb, name, code }) => [verb, name, code])).toEqual([
    ['deletecollection', 'a', 200],
    ['deletecollection', 'b', 200],
    ['deletecollection', '', 200],
  ])
})

test('trying and looking leave none', async () => {
  await server.send('POST', `${SERVICES}?dryRun=All`, { body: serviceOf('web') })
  await server.send('GET', SERVICES)
  await server.send('HEAD', SERVICES)
  await server.send('OPTIONS', SERVICES)
  expect(server.mutations).toEqual([])
})

test('of secrets only the names of keys are on record', async () => {
  await server.send('POST', SECRETS, { body: secretOf({ token: CANARY }) })
  await server.send('PATCH', `${SECRETS}/keys`, { body: secretOf({ token: `${CANARY}-2`, other: CANARY }) })
  await server.send('PATCH', `${SECRETS}/keys`, { body: { data: { token: { [CANARY]: CANARY } } } })
  expect(server.mutations.map(({ code, changed }) => [code, changed])).toEqual([
    [201, ['data.token', 'type']],
    [200, ['data.token', 'data.other']],
    [422, ['data.token']],
  ])
  const bytes = JSON.stringify(server.mutations)
  for (const value of [CANARY, Buffer.from(CANARY).toString('base64')]) expect(bytes).not.toContain(value)
})

test('fields are named in bounds', () => {
  const before = { ...serviceOf('a', { annotations: { 'orc.dev/x': '1' }, resourceVersion: '1' }), status: { a: 1 } }
  const after = { ...serviceOf('a', { annotations: {}, labels: { l: '1' }, resourceVersion: '2' }), status: { a: 2 } }
  expect(changedFields(before, after)).toEqual(['metadata.labels.l', 'metadata.annotations["orc.dev/x"]'])
  expect(changedFields(before, before)).toEqual([])
  const labels = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`${'l'.repeat(300)}${at}`, '1']))
  const names = changedFields(before, serviceOf('a', { labels }))
  expect(names).toHaveLength(50)
  for (const name of names) expect(name.length).toBeLessThanOrEqual(200)
})

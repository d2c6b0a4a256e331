import { RESOURCES, type AgentService, type ConfigMap, type Secret } from '@orc/schemas'
import { ApiError, OrcClient } from '@orc/sdk/client'
import { nodeTransport } from '@orc/sdk/client/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serviceOf, startTestServer, TOKEN, type Reply, type TestServer } from './server-fake.ts'

let server: TestServer
let client: OrcClient

beforeEach(async () => {
  server = await startTestServer()
  client = new OrcClient(nodeTransport({ server: server.url, token: TOKEN }))
})
afterEach(async () => {
  expect(server.errors).toEqual([])
  await server.close()
})

const { agentservices, configmaps, secrets } = RESOURCES
const COLLECTION = '/apis/orc.dev/v1alpha1/namespaces/default/agentservices'
const KEY = 'AgentService/default/a'

const stored = (): AgentService | undefined => server.cache.get<AgentService>(KEY)
const create = (name = 'a'): Promise<{ object: AgentService }> => client.create(agentservices, serviceOf(name))

async function refusal(promise: Promise<unknown>): Promise<ApiError['status']> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ApiError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error.status
}

describe('the client of the SDK', () => {
  test('creates, reads, replaces, patches and deletes', async () => {
    const created = await create()
    expect(created.object).toEqual(stored())
    expect(created.object.metadata).toMatchObject({ name: 'a', namespace: 'default', generation: 1 })
    expect(await client.get(agentservices, 'a', 'default')).toEqual(stored())
    const replaced = await client.replace(agentservices, { ...created.object, spec: { command: ['other'] } })
    expect(replaced.object.spec.command).toEqual(['other'])
    expect(replaced.object.metadata.generation).toBe(2)
    const patched = await client.patch<AgentService>(agentservices, 'a', 'default', { spec: { replicas: 2 } })
    expect(patched.object.spec).toMatchObject({ command: ['other'], replicas: 2 })
    await client.delete(agentservices, 'a', 'default')
    expect(stored()).toBeUndefined()
  })

  test('writes without a namespace into the default one', async () => {
    const { object } = await client.create<ConfigMap>(configmaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
    })
    expect(object.metadata.namespace).toBe('default')
  })

  test('hands out secrets as they are stored', async () => {
    const data = { key: Buffer.from('value').toString('base64') }
    await client.create<Secret>(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data })
    expect((await client.get<Secret>(secrets, 's', 'default')).data).toEqual(data)
  })

  test('is told what the writer warns of', async () => {
    const { warnings } = await client.create(agentservices, {
      ...serviceOf('a'),
      spec: { command: ['x'], readinessProbe: { notify: {} } },
    })
    expect(warnings.join()).toContain('has no effect in this version')
  })
})

describe('a refusal says', () => {
  test('what is wrong, field by field', async () => {
    const status = await refusal(
      client.create(agentservices, { ...serviceOf('a'), spec: { command: [], replicas: -1 } }),
    )
    expect(status).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: { name: 'a', group: 'orc.dev', kind: 'AgentService' },
    })
    expect(status.message).toMatch(/^AgentService.orc.dev "a" is invalid: /)
    expect(status.details?.causes?.map(({ field, reason }) => [field, reason])).toContainEqual([
      'spec.replicas',
      'FieldValueInvalid',
    ])
  })

  test('that it is there already', async () => {
    await create()
    expect(await refusal(create())).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'agentservices.orc.dev "a" already exists',
      details: { name: 'a', group: 'orc.dev', kind: 'agentservices' },
    })
  })

  test('that it is not there', async () => {
    const expected = { code: 404, reason: 'NotFound', message: 'agentservices.orc.dev "a" not found' }
    expect(await refusal(client.get(agentservices, 'a', 'default'))).toMatchObject(expected)
    expect(await refusal(client.replace(agentservices, serviceOf('a')))).toMatchObject(expected)
    expect(await refusal(client.patch(agentservices, 'a', 'default', {}))).toMatchObject(expected)
    expect(await refusal(client.delete(agentservices, 'a', 'default'))).toMatchObject(expected)
    expect(await refusal(client.get(configmaps, 'c', 'default'))).toMatchObject({ message: 'configmaps "c" not found' })
  })
})

describe('an object that changed meanwhile', () => {
  const CONFLICT = {
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on agentservices.orc.dev "a": the object has been modified; please apply your changes to the latest version and try again',
  }

  test('is not replaced or patched by who has not seen the change', async () => {
    const { object } = await create()
    await client.patch(agentservices, 'a', 'default', { spec: { replicas: 2 } })
    const before = stored()
    expect(await refusal(client.replace(agentservices, object))).toMatchObject(CONFLICT)
    const stale = { metadata: { resourceVersion: object.metadata.resourceVersion }, spec: { replicas: 9 } }
    expect(await refusal(client.patch(agentservices, 'a', 'default', stale))).toMatchObject(CONFLICT)
    expect(stored()).toBe(before)
  })

  test('is replaced by who does not ask', async () => {
    await create()
    const { object } = await client.replace(agentservices, { ...serviceOf('a'), spec: { command: ['new'] } })
    expect(object.spec.command).toEqual(['new'])
  })

  test('is another one when its uid is', async () => {
    const { object } = await create()
    const other = { ...object, metadata: { ...object.metadata, uid: 'other' } }
    expect((await refusal(client.replace(agentservices, other))).message).toContain('UID in precondition: other')
    expect(await refusal(client.patch(agentservices, 'a', 'default', { metadata: { uid: 'other' } }))).toMatchObject({
      code: 409,
    })
  })

  test('is not deleted against the preconditions', async () => {
    const { object } = await create()
    const remove = (preconditions: unknown): Promise<Reply> =>
      server.send('DELETE', `${COLLECTION}/a`, { body: { kind: 'DeleteOptions', preconditions } })
    expect((await remove({ uid: 'other' })).json).toMatchObject({ code: 409, reason: 'Conflict' })
    expect((await remove({ resourceVersion: '1' })).json).toMatchObject(CONFLICT)
    expect((await remove({ resourceVersion: 1 })).status).toBe(400)
    const all = await server.send('DELETE', COLLECTION, { body: { preconditions: { uid: 'other' } } })
    expect(all.json).toMatchObject({ code: 409, reason: 'Conflict' })
    expect(stored()).toBeDefined()
    const { uid, resourceVersion } = object.metadata
    expect((await remove({ uid, resourceVersion })).status).toBe(200)
  })

  test('a write that changes nothing keeps the version', async () => {
    const { object } = await create()
    const same = await client.patch<AgentService>(agentservices, 'a', 'default', {
      spec: { command: ['sleep', '300'] },
    })
    expect(same.object.metadata.resourceVersion).toBe(object.metadata.resourceVersion)
  })
})

describe('what is sent must belong to the address', () => {
  const object = serviceOf('a')
  test.each<[string, string, unknown, number]>([
    ['another name', 'PUT /a', { ...object, metadata: { name: 'b' } }, 400],
    ['another namespace', 'PUT /a', { ...object, metadata: { name: 'a', namespace: 'x' } }, 400],
    ['another namespace', 'POST ', { ...object, metadata: { name: 'a', namespace: 'x' } }, 400],
    ['another kind', 'POST ', { ...object, kind: 'Secret' }, 400],
    ['no kind', 'POST ', { metadata: { name: 'a' } }, 400],
    ['another version', 'POST ', { ...object, apiVersion: 'orc.dev/v2' }, 400],
    ['a version of its own', 'POST ', { ...object, metadata: { name: 'a', resourceVersion: '1' } }, 400],
    ['a list', 'POST ', [object], 400],
    ['null', 'POST ', 'null', 400],
    ['metadata that are none', 'POST ', { ...object, metadata: 'a' }, 400],
    ['no name', 'POST ', { ...object, metadata: {} }, 422],
    ['a name that is none', 'POST ', { ...object, metadata: { name: '../x' } }, 422],
    ['a name that is a number', 'POST ', { ...object, metadata: { name: 7 } }, 422],
    ['a patch that is a list', 'PATCH /a', [], 400],
    ['a patch that renames', 'PATCH /a', { metadata: { name: 'b' } }, 422],
    ['a patch that moves', 'PATCH /a', { metadata: { namespace: 'x' } }, 422],
    ['a patch that takes the name', 'PATCH /a', { metadata: null }, 422],
    ['a patch to another kind', 'PATCH /a', { kind: 'Secret' }, 422],
    ['a patch that breaks it', 'PATCH /a', { spec: null }, 422],
    ['a uid that is a number', 'PATCH /a', { metadata: { uid: 1 } }, 400],
  ])('%s: %s', async (_, request, body, code) => {
    const [method = '', path = ''] = request.split(' ')
    if (method !== 'POST') await create()
    const before = stored()
    const reply = await server.send(method, COLLECTION + path, { body })
    expect(reply.json).toMatchObject({ kind: 'Status', status: 'Failure', code })
    expect(stored()).toBe(before)
  })

  test('what the address says need not be said again', async () => {
    const { status, json } = await server.send('POST', COLLECTION.replace('default', 'x'), {
      body: { ...object, metadata: { name: 'a' } },
    })
    expect([status, json.metadata.namespace]).toEqual([201, 'x'])
    await create()
    const reply = await server.send('PUT', `${COLLECTION}/a`, { body: { ...object, metadata: {} } })
    expect(reply.status).toBe(200)
  })

  test('a status is not taken from clients', async () => {
    await create()
    const { object: patched } = await client.patch<AgentService>(agentservices, 'a', 'default', {
      status: { replicas: 7 },
    })
    expect(patched.status).toBeUndefined()
  })

  test('a name is made from generateName', async () => {
    const body = { ...object, metadata: { generateName: 'job-' } }
    const names = await Promise.all(
      [0, 1].map(async () => (await server.send('POST', COLLECTION, { body })).json.metadata.name as string),
    )
    expect(names[0]).toMatch(/^job-[a-z0-9]{5}$/)
    expect(names[0]).not.toBe(names[1])
  })
})

describe('a dry run', () => {
  const state = (): string => JSON.stringify([server.cache.list('AgentService'), server.cache.snapshotVersion()])
  /** Sends the same twice, first to try; what differs by nature is left out. */
  const both = async (method: string, path: string, body?: unknown): Promise<[Reply, Reply]> => {
    const before = state()
    const options = body === undefined ? {} : { body }
    const tried = await server.send(method, `${COLLECTION}${path}${path.includes('?') ? '&' : '?'}dryRun=All`, options)
    expect(state()).toBe(before)
    return [tried, await server.send(method, COLLECTION + path, options)]
  }
  const shown = ({ status, text, headers }: Reply): unknown => ({
    status,
    warning: headers['warning'],
    body: text.replaceAll(/,?"(uid|resourceVersion)":"[^"]*"/g, ''),
  })

  test.each<[string, string, unknown]>([
    ['POST', '', serviceOf('b')],
    ['POST', '', { ...serviceOf('b'), spec: { command: ['x'], resources: { limits: { pids: 3 } } } }],
    ['POST', '', serviceOf('a')],
    ['POST', '', { ...serviceOf('b'), spec: { command: [], replicas: -1 } }],
    ['PUT', '/a', { ...serviceOf('a'), spec: { command: ['new'] } }],
    ['PUT', '/b', serviceOf('b')],
    ['PUT', '/a', { ...serviceOf('a'), metadata: { name: 'a', resourceVersion: '1' } }],
    ['PATCH', '/a', { spec: { replicas: 4 } }],
    ['PATCH', '/a', { spec: { replicas: -4 } }],
    ['PATCH', '/a', { metadata: { uid: 'other' } }],
    ['PATCH', '/a/scale', { spec: { replicas: 2 } }],
    ['DELETE', '/a', undefined],
    ['DELETE', '/b', undefined],
    ['DELETE', '/a', { preconditions: { uid: 'other' } }],
    ['DELETE', '', undefined],
    ['DELETE', '?labelSelector=no%3Dbody', undefined],
  ])('%s %s %j answers what the write answers, and changes nothing', async (method, path, body) => {
    await create()
    const [tried, done] = await both(method, path, body)
    expect(shown(tried)).toEqual(shown(done))
  })

  test('of a creation names a uid that nobody has, and no version', async () => {
    const { json, status } = await server.send('POST', `${COLLECTION}?dryRun=All`, { body: serviceOf('a') })
    expect([status, json.metadata.generation, json.metadata.resourceVersion]).toEqual([201, 1, undefined])
    expect(json.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(stored()).toBeUndefined()
  })

  test('of a deletion can be asked for in the body', async () => {
    await create()
    const reply = await server.send('DELETE', `${COLLECTION}/a`, { body: { dryRun: ['All'] } })
    expect(reply.status).toBe(200)
    expect(stored()).toBeDefined()
  })

  test.each([
    ['POST', '?dryRun=Some', serviceOf('b')],
    ['POST', '?dryRun=', serviceOf('b')],
    ['POST', '?dryRun=All&dryRun=all', serviceOf('b')],
    ['PUT', '/a?dryRun=true', serviceOf('a')],
    ['PATCH', '/a?dryRun=Server', {}],
    ['PATCH', '/a/scale?dryRun=1', { spec: { replicas: 2 } }],
    ['DELETE', '/a?dryRun=none', undefined],
    ['DELETE', '?dryRun=none', undefined],
    ['DELETE', '/a', { dryRun: ['Some'] }],
    ['DELETE', '/a', { dryRun: 'All' }],
    ['DELETE', '/a', { dryRun: [7] }],
  ])('%s %s %j names no stage that there is', async (method, path, body) => {
    await create()
    const before = state()
    const reply = await server.send(method, COLLECTION + path, body === undefined ? {} : { body })
    expect(reply.json).toMatchObject({ code: 400, message: expect.stringContaining('dryRun must be') as string })
    expect(state()).toBe(before)
  })
})

describe('a deletion', () => {
  test('answers with the uid, so that a successor can be told apart', async () => {
    const { object } = await create()
    expect((await server.send('DELETE', `${COLLECTION}/a`)).json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', group: 'orc.dev', kind: 'agentservices', uid: object.metadata.uid },
    })
  })

  test.each([
    ['?propagationPolicy=Orphan', undefined],
    ['?orphanDependents=true', undefined],
    ['?propagationPolicy=Whatever', undefined],
    ['', { propagationPolicy: 'Orphan' }],
    ['', { orphanDependents: true }],
    ['', { propagationPolicy: 7 }],
  ])('with %s %j is refused', async (query, body) => {
    await create()
    const reply = await server.send('DELETE', `${COLLECTION}/a${query}`, body === undefined ? {} : { body })
    expect(reply.status).toBe(422)
    expect(stored()).toBeDefined()
  })

  test.each(['Background', 'Foreground'])('%s is taken', async (propagationPolicy) => {
    await create()
    const reply = await server.send('DELETE', `${COLLECTION}/a`, { body: { propagationPolicy, gracePeriodSeconds: 1 } })
    expect(reply.status).toBe(200)
  })

  test.each([
    ['?gracePeriodSeconds=x', undefined],
    ['?gracePeriodSeconds=-1', undefined],
    ['', { gracePeriodSeconds: 1.5 }],
    ['', { gracePeriodSeconds: 1e9 }],
    ['', { gracePeriodSeconds: [] }],
  ])('with %s %j names no time', async (query, body) => {
    await create()
    const reply = await server.send('DELETE', `${COLLECTION}/a${query}`, body === undefined ? {} : { body })
    expect(reply.json).toMatchObject({ code: 400, message: expect.stringContaining('gracePeriodSeconds') as string })
    expect(stored()).toBeDefined()
  })

  test('of a collection takes what is selected in one namespace', async () => {
    for (const name of ['a', 'b', 'c']) server.cache.put(serviceOf(name, { labels: { x: name === 'c' ? '2' : '1' } }))
    server.cache.put(serviceOf('a', { namespace: 'other', labels: { x: '1' } }))
    const { json } = await server.send('DELETE', `${COLLECTION}?labelSelector=x%3D1`)
    expect(json.items.map(({ metadata }: AgentService) => metadata.name)).toEqual(['a', 'b'])
    const left = server.cache.list('AgentService').map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
    expect(left).toEqual(['default/c', 'other/a'])
    expect((await server.send('DELETE', '/apis/orc.dev/v1alpha1/agentservices')).status).toBe(405)
  })
})

describe('the scale of a service', () => {
  const SCALE = `${COLLECTION}/a/scale`

  test('is read, patched and replaced', async () => {
    await create()
    const { json } = await server.send('GET', SCALE)
    expect(json).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 } })
    const patched = await server.send('PATCH', SCALE, { body: { spec: { replicas: 3 } } })
    expect(patched.json).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
    const replaced = await server.send('PUT', SCALE, { body: { ...patched.json, spec: { replicas: 2 } } })
    expect(replaced.json).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } })
    expect(stored()?.spec).toMatchObject({ command: ['sleep', '300'], replicas: 2 })
    expect((await server.send('PUT', SCALE, { body: json })).status).toBe(409)
  })

  test('is judged like the service itself', async () => {
    await create()
    const scale = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'a' } }
    for (const [method, body] of [
      ['PATCH', { spec: { replicas: -1 } }],
      ['PATCH', { spec: { replicas: null } }],
      ['PATCH', { spec: null }],
      ['PUT', scale],
      ['PATCH', { kind: 'Other' }],
    ] as const)
      expect((await server.send(method, SCALE, { body })).status).toBe(422)
    expect((await server.send('PUT', SCALE, { body: serviceOf('a') })).status).toBe(400)
    expect(stored()?.spec.replicas ?? 1).toBe(1)
  })

  test('of a service that is not there', async () => {
    expect((await server.send('GET', SCALE)).status).toBe(404)
    expect((await server.send('PATCH', SCALE, { body: { spec: { replicas: 1 } } })).status).toBe(404)
  })
})

describe('the status of a service', () => {
  test('is read at its own address, as an object and as a table', async () => {
    await create()
    const { status, json } = await server.send('GET', `${COLLECTION}/a/status`)
    expect([status, json]).toEqual([200, (await server.send('GET', `${COLLECTION}/a`)).json])
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const table = await server.send('GET', `${COLLECTION}/a/status`, {
      headers: { authorization: `Bearer ${TOKEN}`, accept },
    })
    expect(table.json).toMatchObject({ kind: 'Table', rows: [{ object: { metadata: { name: 'a' } } }] })
    expect((await server.send('GET', `${COLLECTION}/b/status`)).status).toBe(404)
  })

  test.each(['PUT', 'PATCH', 'POST', 'DELETE'])('%s is refused, with the reason', async (method) => {
    await create()
    const before = stored()
    const reply = await server.send(method, `${COLLECTION}/a/status`, { body: { status: { replicas: 7 } } })
    expect(reply.json).toMatchObject({
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'orc alone writes status: it says what was observed. Change the spec instead',
    })
    expect(reply.headers['allow']).toBe('GET')
    expect(stored()).toBe(before)
  })
})

describe('media types', () => {
  const headers = (type: string): { headers: Record<string, string> } => ({
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type },
  })

  test.each([
    'application/json-patch+json',
    'application/strategic-merge-patch+json',
    'application/apply-patch+yaml',
    'application/json',
    'text/plain',
  ])('a patch as %s is refused with what is taken', async (type) => {
    await create()
    const reply = await server.send('PATCH', `${COLLECTION}/a`, { body: '{}', ...headers(type) })
    expect(reply.json).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' })
    expect(reply.json.message).toContain('application/merge-patch+json')
  })

  test.each([
    'application/yaml',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/vnd.kubernetes.protobuf',
    '',
  ])('an object as %j is refused', async (type) => {
    expect(
      (await server.send('POST', COLLECTION, { body: JSON.stringify(serviceOf('a')), ...headers(type) })).status,
    ).toBe(415)
    expect(stored()).toBeUndefined()
  })

  test('parameters of the type do not matter, compression does', async () => {
    const body = JSON.stringify(serviceOf('a'))
    const gzip = { headers: { ...headers('application/json').headers, 'content-encoding': 'gzip' } }
    expect((await server.send('POST', COLLECTION, { body, ...gzip })).status).toBe(415)
    expect(
      (await server.send('POST', COLLECTION, { body, ...headers('Application/JSON; charset=utf-8') })).status,
    ).toBe(201)
  })
})

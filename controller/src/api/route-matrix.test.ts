/** Every address × method × credential, made from the resource table: what has no line here cannot exist. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiVersionOf } from '@orc/schemas'
import type { Resource } from '../resources/resource.ts'
import { RESOURCE_TABLE } from '../resources/table.ts'
import { PATHS } from './authorize.ts'
import { routesOf, type Action, type Route } from './routes.ts'
import {
  podOf,
  protocolOf,
  serviceOf,
  startTestServer,
  TOKEN,
  UPGRADE,
  type SendOptions,
  type TestServer,
} from './server-fake.ts'

let server: TestServer

const SAMPLE = {
  namespace: 'default',
  pod: 'x',
  service: 'x',
  cpu: 1,
  memory: 1,
  processes: 1,
  sampledAtMs: 1,
  windowMs: 1,
}

const REVISION = {
  ...{ namespace: 'default', service: 'x', serviceUid: 'u', name: 'x', uid: 'r', number: 1, revision: 'ab' },
  ...{ createdAt: '2026-01-01T00:00:00Z', isProven: true, spec: {} },
}

const OVERVIEW = {
  ...{ namespace: 'default', service: 'x', uid: 'u', uptimeShare: 1, restarts: 0 },
  ...{ uptimeShares: [1], cpuCores: [0], memoryBytes: [0] },
}

beforeAll(async () => {
  const history = { overview: () => Promise.resolve({ sinceMs: 0, stepMs: 3_600_000, rows: [OVERVIEW] }) }
  const logs = { open: () => Promise.resolve(oneLine()) }
  server = await startTestServer({ podLogs: logs, samples: [SAMPLE], revisions: [REVISION], history })
})
afterAll(() => server.close())

async function* oneLine(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('line\n')
}

interface Line {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly isWatch?: boolean
  readonly body?: unknown
  prepare?(): void
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND']

function linesOf(route: Route): Line[] {
  const path = route.path.replace(':namespace', 'default').replace(':name', 'x')
  return route.actions.map((action) => ({
    name: `${action.verb} ${path}`,
    method: action.method,
    path: action.verb === 'watch' ? `${path}?watch=true&timeoutSeconds=1` : path,
    isWatch: action.verb === 'watch',
    body: bodyFor(route.resource, action, route.subresource),
    prepare: () => {
      store(route.resource, action)
    },
  }))
}

/** The least that each kind takes. */
function objectOf({ name }: Resource): Record<string, unknown> {
  const metadata = { name: 'x', ...(name.namespaced && { namespace: 'default' }) }
  if (name.kind === 'AgentService') return { ...serviceOf('x') }
  if (name.kind === 'Pod') return { ...podOf('x'), metadata: { ...podOf('x').metadata, name: 'x' } }
  const status = { state: 'Loaded', objects: [], errors: [], warnings: [], observedHash: '' }
  return {
    apiVersion: apiVersionOf(name),
    kind: name.kind,
    metadata,
    ...(name.kind === 'Manifest' && { spec: { path: 'x' }, status }),
  }
}

function bodyFor(resource: Resource, { verb }: Action, subresource: string | undefined): unknown {
  const view = resource.subresources?.find(({ name }) => name === subresource)
  if (verb === 'patch') return view === undefined ? { metadata: { labels: { a: 'b' } } } : { spec: { replicas: 2 } }
  if (view?.type === 'View' && verb === 'update')
    return { apiVersion: view.apiVersion, kind: view.kind, metadata: { name: 'x' }, spec: { replicas: 3 } }
  return verb === 'create' || verb === 'update' ? objectOf(resource) : undefined
}

function store(resource: Resource, { verb }: Action): void {
  if (resource.name.kind === 'ServiceOverview') server.cache.put(serviceOf('x', { uid: 'u' }))
  server.cache.delete(`${resource.name.kind}/default/x`)
  if (verb !== 'create') server.cache.put(objectOf(resource) as never)
}

const CASES: Readonly<Record<string, { headers: () => Record<string, string>; query?: string; expected: number[] }>> = {
  'no credential': { headers: () => ({}), expected: [401] },
  'a wrong token': { headers: () => ({ authorization: `Bearer ${'x'.repeat(47)}` }), expected: [401] },
  'the token in another scheme': { headers: () => ({ authorization: `Basic ${TOKEN}` }), expected: [401] },
  'the token in the query': {
    headers: () => ({}),
    query: `access_token=${TOKEN}&token=${TOKEN}&authorization=Bearer%20${TOKEN}`,
    expected: [401],
  },
  'the token as a cookie': { headers: () => ({ cookie: `token=${TOKEN}` }), expected: [401] },
  'a foreign Host': { headers: () => ({ ...right(), host: 'evil.example' }), expected: [403] },
  'a foreign Origin': { headers: () => ({ ...right(), origin: 'https://evil.example' }), expected: [403] },
  'the own Origin with https': {
    headers: () => ({ ...right(), origin: server.url.replace('http', 'https') }),
    expected: [403],
  },
  'another site': { headers: () => ({ ...right(), 'sec-fetch-site': 'cross-site' }), expected: [403] },
  'the right token': { headers: right, expected: [200, 201] },
}

function right(): Record<string, string> {
  return { authorization: `Bearer ${TOKEN}` }
}

function withQuery(path: string, query: string | undefined): string {
  return query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
}

/** A watch that was let in is ended by the clock. */
async function send({ method, path, body }: Line, options: SendOptions): Promise<number> {
  const reply = server.send(method, path, { ...options, ...(body !== undefined && { body }) })
  const timer = setInterval(() => {
    server.clock.advance(1000)
  }, 5)
  return (await reply.finally(() => clearInterval(timer))).status
}

describe.each(RESOURCE_TABLE.map((resource) => ({ kind: resource.name.kind, resource })))('$kind', ({ resource }) => {
  const routes = routesOf(resource)
  const lines = routes.flatMap(linesOf)

  test('has a line for every verb', () => {
    const verbs = routes.flatMap(({ actions }) => actions.map(({ verb }) => verb))
    expect(new Set(verbs)).toEqual(
      new Set([...resource.verbs, ...(resource.subresources ?? []).flatMap(({ verbs }) => verbs)]),
    )
  })

  describe.each(lines)('$name', (line) => {
    test.each(Object.entries(CASES))('%s', async (_, { headers, query, expected }) => {
      line.prepare?.()
      server.mutations.length = 0
      const status = await send({ ...line, path: withQuery(line.path, query) }, { headers: headers() })
      expect(expected).toContain(status)
      // What the guards turn away never reaches a route.
      const isOnRecord = line.method !== 'GET' && status !== 403
      expect(server.mutations.map(({ code, user }) => ({ code, user }))).toEqual(
        isOnRecord ? [{ code: status, user: status === 401 ? '' : 'admin' }] : [],
      )
    })
  })

  test.each(routes.map(({ path }) => path))('%s takes no other method', async (path) => {
    const route = routes.find((candidate) => candidate.path === path)
    const url = path.replace(':namespace', 'default').replace(':name', 'x')
    const offered: readonly string[] = route?.actions.map(({ method }) => method) ?? []
    const others = METHODS.filter(
      (method) => !offered.includes(method) && !(method === 'HEAD' && route?.subresource === undefined),
    )
    for (const method of others) {
      expect((await server.send(method, url, { headers: {} })).status, method).toBe(401)
      expect((await server.send(method, url)).status, method).toBe(405)
    }
  })

  const upgrades = lines.filter(({ method }) => method === 'GET')
  describe.each(upgrades)('WebSocket on $path', (line) => {
    test.each(Object.entries(CASES))('%s', async (_, { headers, query, expected }) => {
      line.prepare?.()
      const reply = await server.send('GET', withQuery(line.path, query), { headers: { ...UPGRADE, ...headers() } })
      const isLetIn = expected.includes(200)
      expect(reply.status).toBe(isLetIn ? (line.isWatch === true ? 101 : 400) : expected[0])
    })

    test('the token as subprotocol', async () => {
      line.prepare?.()
      const status = async (token: string): Promise<number> => {
        const headers = { ...UPGRADE, 'sec-websocket-protocol': `${protocolOf(token)}, v1.watch.orc.dev` }
        return (await server.send('GET', line.path, { headers })).status
      }
      expect(await status(TOKEN)).toBe(line.isWatch === true ? 101 : 400)
      expect(await status(`${TOKEN}x`)).toBe(401)
    })
  })
})

describe('addresses of the server', () => {
  const body = { code: 'x' }
  test.each(Object.entries(PATHS).map(([path, { method, access }]) => ({ path, method, access })))(
    '$method $path',
    async ({ path, method, access }) => {
      const status = async (headers: Record<string, string>): Promise<number> =>
        (await server.send(method, path, { headers, ...(method === 'POST' && { body }) })).status
      const isPublic = access === 'Public'
      const allowed = path === '/auth/sessions' ? 401 : method === 'POST' ? 201 : 200
      expect(await status({})).toBe(isPublic ? allowed : 401)
      expect(await status({ authorization: 'Bearer wrong' })).toBe(isPublic ? allowed : 401)
      expect(await status(right())).toBe(allowed)
      expect(await status({ ...right(), host: 'evil.example' })).toBe(403)
      expect(await status({ ...right(), origin: 'null' })).toBe(403)
      const other = method === 'GET' ? 'POST' : 'GET'
      expect((await server.send(other, path, { headers: {} })).status).toBe(401)
      expect((await server.send(other, path)).status).toBe(405)
      expect((await server.send('GET', path, { headers: { ...UPGRADE, ...right() } })).status).toBeGreaterThanOrEqual(
        400,
      )
    },
  )
})

describe('unknown addresses', () => {
  const unknown = [
    '/api',
    '/apis/orc.dev/v1alpha1/nothing',
    '/apis/orc.dev/v2/agentservices',
    '/api/v1/namespaces/default/pods/x/exec',
    '/api/v1/namespaces/default/pods/x/log/more',
    '/api/v1/pods/',
    '/api/v1/namespaces/default/manifests',
    '/auth/setup',
    '/orc/x',
    '/metrics',
    '/openapi/v3',
  ]
  test.each(unknown)('%s is refused', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect((await server.send(method, path, { headers: {} })).status, method).toBe(401)
      expect((await server.send(method, path)).status, method).toBe(404)
    }
    expect((await server.send('GET', path, { headers: UPGRADE })).status).toBe(401)
    expect((await server.send('GET', path, { headers: { ...UPGRADE, ...right() } })).status).toBe(404)
  })

  test('outside of the API they are pages, for reading only and never over a WebSocket', async () => {
    expect((await server.send('POST', '/anything', { headers: {} })).status).toBe(401)
    expect((await server.send('POST', '/anything')).status).toBe(404)
    expect((await server.send('GET', '/anything', { headers: UPGRADE })).status).toBe(401)
  })
})

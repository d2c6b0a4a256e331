/** What others have tried on servers like this one (reference/reliability.md, section 3). */
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createApiServer, SERVER_OPTIONS } from './server.ts'
import { protocolOf, sendRaw, serviceOf, startTestServer, TOKEN, UPGRADE, type TestServer } from './server-fake.ts'

let server: TestServer

beforeEach(async () => {
  server = await startTestServer()
})
afterEach(async () => {
  // Whatever was tried: nothing broke inside, and the next one is served.
  expect(server.errors).toEqual([])
  expect((await server.send('GET', '/livez', { headers: {} })).status).toBe(200)
  await server.close()
})

const PODS = '/api/v1/pods'
const SERVICES = '/apis/orc.dev/v1alpha1/namespaces/default/agentservices'
const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` }
const statusOf = (text: string): string => text.slice(9, 12)

async function get(headers: Record<string, string>, path = PODS): Promise<number> {
  return (await server.send('GET', path, { headers: { ...AUTHORIZATION, ...headers } })).status
}

describe('another name for this host (DNS rebinding)', () => {
  test.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1.evil.example:PORT',
    '127.0.0.1',
    'localhost',
    '127.0.0.1:1',
    'localhost:PORT.evil',
    '[::1]',
    '0.0.0.0:PORT',
    '127.1:PORT',
    '2130706433:PORT',
    'user@127.0.0.1:PORT',
    '127.0.0.1:PORT, evil',
  ])('Host: %s', async (host) => {
    for (const path of [PODS, '/livez', '/', '/auth/sessions'])
      expect(await get({ host: host.replace('PORT', String(server.port)) }, path)).toBe(403)
  })

  test.each(['127.0.0.1:PORT', 'localhost:PORT', 'LOCALHOST:PORT', '[::1]:PORT'])(
    'Host: %s is this host',
    async (host) => {
      expect(await get({ host: host.replace('PORT', String(server.port)) })).toBe(200)
    },
  )

  test('two hosts, or none', async () => {
    const host = `Host: 127.0.0.1:${String(server.port)}\r\n`
    const line = `GET ${PODS} HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n`
    expect(statusOf(await sendRaw(server.port, `${line}${host}\r\n`))).toBe('200')
    expect(statusOf(await sendRaw(server.port, `${line}${host}${host}\r\n`))).toBe('400')
    expect(statusOf(await sendRaw(server.port, `${line}${host}Host: evil.example\r\n\r\n`))).toBe('400')
    expect(statusOf(await sendRaw(server.port, `${line}host: evil.example\r\n${host}\r\n`))).toBe('400')
    expect(statusOf(await sendRaw(server.port, `${line}\r\n`))).toBe('400')
    expect(statusOf(await sendRaw(server.port, `${line.replace('1.1', '1.0')}\r\n`))).toBe('400')
  })

  test('a whole address in place of a path', async () => {
    const rest = `HTTP/1.1\r\nHost: 127.0.0.1:${String(server.port)}\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`
    for (const target of [`http://evil.example${PODS}`, `http://127.0.0.1:${String(server.port)}${PODS}`, '*', 'api'])
      expect(statusOf(await sendRaw(server.port, `GET ${target} ${rest}`))).toBe('400')
  })
})

describe('another page in the same browser', () => {
  test.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'https://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://127.0.0.1:PORT.evil.example',
    'http://127.0.0.1:PORT, x',
    '',
  ])('Origin: %j', async (origin) => {
    const sent = origin.replace('PORT', String(server.port))
    expect(await get({ origin: sent })).toBe(403)
    expect(await get({ origin: sent, ...UPGRADE }, `${PODS}?watch=true`)).toBe(403)
    const body = { body: { code: 'x' }, headers: { origin: sent } }
    expect((await server.send('POST', '/auth/sessions', body)).status).toBe(403)
  })

  test('its own origin passes', async () => {
    expect(await get({ origin: server.url })).toBe(200)
    expect(await get({ origin: server.url, ...UPGRADE }, `${PODS}?watch=true`)).toBe(101)
  })

  test.each(['cross-site', 'same-site'])('Sec-Fetch-Site: %s may follow a link and nothing else', async (site) => {
    const from = { 'sec-fetch-site': site }
    expect(await get(from)).toBe(403)
    expect(await get({ ...from, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, '/')).toBe(403)
    expect(await get({ ...from, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, '/')).toBe(403)
    const link = { ...from, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect(await get(link, '/')).toBe(404)
    expect((await server.send('POST', SERVICES, { body: {}, headers: { ...AUTHORIZATION, ...link } })).status).toBe(403)
  })

  test('is told by no header that it may read', async () => {
    const { headers } = await server.send('OPTIONS', SERVICES, {
      headers: { origin: server.url, 'access-control-request-method': 'POST' },
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
  })
})

describe('credentials', () => {
  test('a proxy can claim what it likes', async () => {
    const headers = {
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': `127.0.0.1:${String(server.port)}`,
      forwarded: 'for=127.0.0.1',
      'x-real-ip': '127.0.0.1',
      'x-remote-user': 'admin',
      'impersonate-user': 'admin',
    }
    expect((await server.send('GET', PODS, { headers })).status).toBe(401)
    expect((await server.send('GET', PODS, { headers: { ...AUTHORIZATION, ...headers, host: 'evil' } })).status).toBe(
      403,
    )
  })

  test('the subprotocol of a WebSocket is a credential for upgrades only', async () => {
    const headers = { 'sec-websocket-protocol': protocolOf(TOKEN) }
    expect((await server.send('GET', PODS, { headers })).status).toBe(401)
    expect(
      (await server.send('GET', `${PODS}?watch=true`, { headers: { ...headers, ...UPGRADE, upgrade: 'h2c' } })).status,
    ).toBe(400)
  })

  test('there is no first visitor who becomes admin', async () => {
    for (const path of ['/setup', '/auth/setup', '/auth/users', '/auth/register', '/api/setup'])
      expect((await server.send('POST', path, { body: {}, headers: {} })).status).toBe(401)
  })

  test('a method in a header is no method', async () => {
    server.cache.put(serviceOf('a'))
    const headers = { ...AUTHORIZATION, 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' }
    expect((await server.send('GET', `${SERVICES}/a?_method=DELETE`, { headers })).status).toBe(200)
    expect(server.cache.get('AgentService/default/a')).toBeDefined()
  })
})

describe('bodies', () => {
  const post = async (body: unknown, path = SERVICES): Promise<number> =>
    (await server.send('POST', path, { body })).status

  test.each([
    '{"__proto__": {"x": 1}}',
    '{"a": {"constructor": {"prototype": {"x": 1}}}}',
    '{"a": [{"\\u005f_proto__": 1}]}',
  ])('%s changes nobody', async (body) => {
    expect(await post(body)).toBe(400)
    const patch = await server.send('PATCH', `${SERVICES}/a`, { body })
    expect(patch.status).toBe(400)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test.each(['', '{', 'NaN', '{"a": NaN}', "{'a': 1}", '{"a": 1,}', '\ufeff{}', '{"a": "\u0000"}'])(
    '%j is no JSON',
    async (body) => {
      const reply = await server.send('POST', SERVICES, { body })
      expect(reply.status).toBe(400)
      expect(reply.json.message).toMatch(/line \d+, column \d+|must be|does not match/)
    },
  )

  test('bytes that are no text', async () => {
    expect(await post(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).toBe(400)
  })

  test('depth', async () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect((await server.send('POST', SERVICES, { body: nested(64) })).json.message).toBe('the body must be an object')
    const text = `{"a": "${'[\\"{'.repeat(100)}"}`
    expect((await server.send('POST', SERVICES, { body: text })).json.message).toContain('API version')
    for (const depth of [65, 10_000, 1_500_000])
      expect((await server.send('POST', SERVICES, { body: nested(depth) })).json.message).toContain('nested deeper')
  })

  test('50 MB, said or unsaid', async () => {
    const body = Buffer.alloc(50 * 1024 * 1024, 'x')
    expect(await post(body)).toBe(413)
    const chunked = `POST ${SERVICES} HTTP/1.1\r\nHost: 127.0.0.1:${String(server.port)}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    expect(await sendChunks(chunked)).toContain('HTTP/1.1 413')
  })

  test('a length that is a lie', async () => {
    const head = `POST ${SERVICES} HTTP/1.1\r\nHost: 127.0.0.1:${String(server.port)}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`
    expect(statusOf(await sendRaw(server.port, `${head}Content-Length: -1\r\n\r\n`))).toBe('400')
    expect(
      statusOf(await sendRaw(server.port, `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)),
    ).toBe('400')
    const socket = connect(server.port, '127.0.0.1')
    socket.end(`${head}Content-Length: 100\r\n\r\n{"a":`)
    socket.resume()
    await once(socket, 'close')
  })

  /** 1 MiB pieces until the server answers. */
  async function sendChunks(head: string): Promise<string> {
    const socket = connect(server.port, '127.0.0.1')
    socket.setEncoding('utf8')
    socket.on('error', () => undefined)
    const answer = once(socket, 'data')
    socket.write(head)
    for (let i = 0; i < 50 && !socket.destroyed; i++) socket.write(`100000\r\n${'x'.repeat(0x100000)}\r\n`)
    const [text] = (await answer) as [string]
    socket.destroy()
    return text
  }
})

describe('addresses', () => {
  test.each([
    ['..%2f..%2fetc', 400],
    ['..%2F..%2F..%2Fsecrets', 400],
    ['%2e%2e', 400],
    ['%00', 400],
    ['a%00b', 400],
    ['a%0d%0aSet-Cookie:%20x', 400],
    ['a'.repeat(254), 400],
    ['a'.repeat(8000), 400],
    ['%D0%B0', 400],
    ['A', 400],
    ['-rf', 400],
    ['constructor', 404],
    ['__proto__', 400],
    ['%', 400],
    ['%zz', 400],
    ['a;b', 400],
    ['con', 404],
  ])('an object called %s', async (name, code) => {
    const reply = await server.send('GET', `${SERVICES}/${name}`)
    expect(reply.status).toBe(code)
    expect(reply.text.length).toBeLessThan(500)
    expect(reply.headers).not.toHaveProperty('set-cookie')
    expect((await server.send('DELETE', `${SERVICES}/${name}`)).status).toBe(code)
  })

  test('a namespace that is none', async () => {
    for (const name of ['..', '..%2fother', 'a.b', 'a'.repeat(64), 'Default']) {
      const path = SERVICES.replace('default', name)
      expect([400, 404]).toContain((await server.send('GET', path)).status)
      expect([400, 404]).toContain((await server.send('POST', path, { body: serviceOf('a') })).status)
    }
    expect(server.cache.list('AgentService')).toEqual([])
  })

  test.each([
    `/api/v1/namespaces/default/../kube-system/pods`,
    '/api//v1/pods',
    '/API/v1/pods',
    '/api/v1/pods/',
    '//api/v1/pods',
    '/%61pi/v1/pods',
  ])('%s is no other name for something', async (path) => {
    expect((await server.send('GET', path)).status).toBe(404)
  })

  test('too long', async () => {
    expect((await server.send('GET', `${PODS}?labelSelector=${'a'.repeat(20_000)}`)).status).toBe(431)
  })
})

describe('those who keep lines open', () => {
  test('have little time for headers, some for bodies, and answers have all of it', () => {
    expect(SERVER_OPTIONS.headersTimeout).toBeLessThanOrEqual(10_000)
    expect(SERVER_OPTIONS.requestTimeout).toBeLessThanOrEqual(60_000)
    expect(SERVER_OPTIONS.keepAliveTimeout).toBeGreaterThan(90_000)
    expect(SERVER_OPTIONS.connectionsCheckingInterval).toBeLessThanOrEqual(5000)
  })

  test('200 of them do not keep others waiting', async () => {
    const sockets = Array.from({ length: 200 }, () => connect(server.port, '127.0.0.1'))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: ')
    const start = performance.now()
    expect((await server.send('GET', PODS)).status).toBe(200)
    expect(performance.now() - start).toBeLessThan(1000)
    for (const socket of sockets) socket.destroy()
  })
})

test('plain HTTP is served on this host only', async () => {
  const { cache, credentials, clock } = server
  const other = createApiServer({
    ...{ cache, credentials, clock, hub: cache.hub, samples: { latest: () => [] } },
    revisions: { remembered: () => [] },
    history: undefined as never,
    writers: undefined as never,
    podLogs: { open: () => Promise.resolve(undefined) },
    mutations: { recordMutation: () => undefined },
    info: () => ({}) as never,
  })
  for (const host of ['0.0.0.0', '::', '', '10.0.0.1', 'example.org', '127.0.0.1.evil.example', '1270.0.0.1'])
    await expect(other.listen(host, 0)).rejects.toThrow('loopback')
  await other.close()
  await expect(other.listen('127.0.0.1', server.port)).rejects.toThrow('EADDRINUSE')
})

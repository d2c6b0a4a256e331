/** Signing in, the addresses of the server itself, and the pages of the dashboard. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type Reply, type TestServer } from './server-fake.ts'

let server: TestServer
let directory: string

const INLINE = '\n  __kit = {};\n  import("./x.js")\n'
const HTML = `<!doctype html><script src="/_app/start.js"></script><script>${INLINE}</script><script type="module">two</script>`

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'orc-dashboard-'))
  await mkdir(path.join(directory, '_app/immutable'), { recursive: true })
  await writeFile(path.join(directory, 'index.html'), HTML)
  await writeFile(path.join(directory, '_app/immutable/start.abc.js'), 'export {}')
  await writeFile(path.join(directory, '_app/version.json'), '{}')
  await writeFile(path.join(directory, '_app/immutable/start.abc.js.gz'), 'packed')
  server = await startTestServer({ dashboardDir: directory })
})
afterEach(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

const anonymous = { headers: {} }
const bearer = (token: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
})
const get = (url: string, headers: Record<string, string> = {}): Promise<Reply> => server.send('GET', url, { headers })
const signIn = (code: unknown): Promise<Reply> =>
  server.send('POST', '/auth/sessions', { body: { code }, ...anonymous })

describe('signing in', () => {
  test('a code becomes a session, once', async () => {
    const { status, json, headers } = await server.send('POST', '/auth/codes')
    expect(status).toBe(201)
    expect(headers['cache-control']).toBe('no-store')
    expect(Date.parse(json.expirationTimestamp) - server.clock.wallMs()).toBe(120_000)
    const session = await signIn(json.code)
    expect(session.status).toBe(201)
    expect(session.headers).not.toHaveProperty('set-cookie')
    expect(Date.parse(session.json.expirationTimestamp) - server.clock.wallMs()).toBe(12 * 3_600_000)
    expect((await server.send('GET', '/api/v1/pods', bearer(session.json.token as string))).status).toBe(200)
    expect((await signIn(json.code)).json).toMatchObject({ code: 401, reason: 'Unauthorized' })
  })

  test('a session makes no codes: it cannot prolong itself', async () => {
    const { token = '' } = server.credentials.exchangeCode(server.credentials.createCode().code) ?? {}
    expect((await server.send('POST', '/auth/codes', bearer(token))).status).toBe(403)
    expect((await server.send('GET', '/orc', bearer(token))).status).toBe(200)
  })

  test('an old session is none', async () => {
    const { token = '' } = server.credentials.exchangeCode(server.credentials.createCode().code) ?? {}
    server.clock.advance(12 * 3_600_000)
    expect((await server.send('GET', '/orc', bearer(token))).status).toBe(401)
  })

  test('a session that was ended is out at once, and so are its streams', async () => {
    const { token = '' } = server.credentials.exchangeCode(server.credentials.createCode().code) ?? {}
    const other = server.credentials.exchangeCode(server.credentials.createCode().code)?.token ?? ''
    const watching = server.send('GET', '/api/v1/pods?watch=true', bearer(token))
    expect((await server.send('GET', '/orc', bearer(token))).status).toBe(200)
    expect((await server.send('DELETE', '/auth/sessions/self', bearer(token))).json).toEqual({ ended: true })
    expect((await watching).status).toBe(200)
    expect((await server.send('GET', '/orc', bearer(token))).status).toBe(401)
    expect((await server.send('GET', '/orc', bearer(other))).status).toBe(200)
    expect((await server.send('DELETE', '/auth/sessions/self')).json).toEqual({ ended: false })
  })

  test.each([[undefined], [7], [{ a: 1 }], [null]])('with %j is refused', async (code) => {
    expect((await signIn(code)).status).toBe(400)
  })

  test('takes a small JSON body only', async () => {
    const send = (body: unknown, type: string): Promise<Reply> =>
      server.send('POST', '/auth/sessions', { body, headers: { 'content-type': type } })
    expect((await send('code=x', 'application/x-www-form-urlencoded')).status).toBe(415)
    expect((await send('{"code":"x"}', 'text/plain')).status).toBe(415)
    expect((await send({ code: 'x'.repeat(5000) }, 'application/json')).status).toBe(413)
  })

  test('is tried twenty times a minute, by all together', async () => {
    const { code } = server.credentials.createCode()
    for (let i = 0; i < 20; i++) expect((await signIn('wrong')).status).toBe(401)
    server.clock.advance(15_000)
    const refused = await signIn(code)
    expect(refused.json).toMatchObject({ code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 45 } })
    expect(refused.headers['retry-after']).toBe('45')
    server.clock.advance(45_000)
    expect((await signIn(code)).status).toBe(201)
  })
})

describe('the server itself', () => {
  test.each(['/livez', '/readyz', '/healthz'])('%s', async (url) => {
    expect(await get(url)).toMatchObject({ status: 200, text: 'ok' })
    expect((await get(`${url}?verbose`)).text).toContain('[+]ping ok')
    expect((await server.send('HEAD', url, anonymous)).status).toBe(200)
  })

  test('/version is what Kubernetes clients parse', async () => {
    const { json } = await get('/version')
    expect(json).toMatchObject({ major: '1', minor: '33', gitVersion: 'v1.33.0+orc.0.1.0', compiler: 'node' })
  })

  test('/orc is the controller', async () => {
    expect((await server.send('GET', '/orc')).json).toMatchObject({ version: '0.1.0', stateDir: '/s' })
  })
})

describe('the dashboard', () => {
  test('may run the scripts that it was built with, and no others', async () => {
    const { status, text, headers } = await get('/')
    expect([status, text]).toEqual([200, HTML])
    const hash = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).toContain(`script-src 'self' ${hash(INLINE)} ${hash('two')}`)
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${String(server.port)}`)
    expect(policy.join()).not.toContain('upgrade-insecure-requests')
    expect(headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'text/html;charset=utf-8',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers).not.toHaveProperty('strict-transport-security')
  })

  test('has its page at every address that is none of the API', async () => {
    for (const url of ['/services/default/web', '/manifests/a.yaml', '/x?code=1', '/apix'])
      expect(await get(url)).toMatchObject({ status: 200, text: HTML, headers: { 'cache-control': 'no-cache' } })
    expect(await server.send('HEAD', '/services', anonymous)).toMatchObject({ status: 200, text: '' })
  })

  test('has files that are kept for ever, and others that are not', async () => {
    const file = await get('/_app/immutable/start.abc.js')
    expect(file).toMatchObject({ status: 200, text: 'export {}' })
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await get('/_app/version.json')).headers['cache-control']).toBe('no-cache')
    const packed = await get('/_app/immutable/start.abc.js', { 'accept-encoding': 'gzip' })
    expect(packed).toMatchObject({ text: 'packed', headers: { 'content-encoding': 'gzip' } })
  })

  test('has no page in place of a missing file', async () => {
    const missing = await get('/_app/immutable/other.js')
    expect([missing.status, missing.headers['cache-control']]).toEqual([404, 'no-store'])
  })

  test('does not fall over a file that vanished, or a strange range', async () => {
    await rm(path.join(directory, '_app/version.json'))
    await expect(get('/_app/version.json')).rejects.toThrow()
    expect((await get('/', { range: 'bytes=10-5' })).status).toBe(200)
    expect((await get('/', { range: 'bytes=-99999' })).text).toBe(HTML)
  })

  test.each([
    '/../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/.git/config',
    '/_app/../../x',
    '/%00',
    '/%',
  ])('%s leads nowhere else', async (url) => {
    const { status, text } = await get(url)
    expect(status === 200 ? text === HTML : [400, 404].includes(status)).toBe(true)
  })

  test('says how it comes to be where it is not built', async () => {
    const bare = await startTestServer()
    const { status, text, headers } = await bare.send('GET', '/', anonymous)
    expect([status, headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8'])
    expect(text).toContain('npm run build')
    await bare.close()
  })
})

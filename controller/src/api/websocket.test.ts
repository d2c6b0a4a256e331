import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { protocolOf, serviceOf, startTestServer, TOKEN, type TestServer } from './server-fake.ts'

let server: TestServer

beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.close())

const COLLECTION = '/apis/orc.dev/v1alpha1/namespaces/default/agentservices'

const open = (protocols: string[]): WebSocket =>
  new WebSocket(`${server.url.replace('http', 'ws')}${COLLECTION}?watch=true`, protocols)

test('the protocol that is answered never holds the token', async () => {
  for (const [offered, chosen] of [
    [[protocolOf(TOKEN), 'v1.watch.orc.dev'], 'v1.watch.orc.dev'],
    [['other', protocolOf(TOKEN)], 'other'],
    [[protocolOf(TOKEN), 'other'], 'other'],
    [['other', 'v1.watch.orc.dev', protocolOf(TOKEN)], 'v1.watch.orc.dev'],
  ] as const) {
    const socket = open([...offered])
    await once(socket, 'open')
    expect(socket.protocol).toBe(chosen)
    expect(socket.extensions).toBe('')
    socket.close()
  }
})

test('the 101st is refused until one goes', async () => {
  const sockets = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const socket = open([protocolOf(TOKEN), 'v1.watch.orc.dev'])
      await once(socket, 'open')
      return socket
    }),
  )
  const refused = open([protocolOf(TOKEN), 'v1.watch.orc.dev'])
  const [, response] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage]
  expect(response.statusCode).toBe(429)
  expect(response.headers['retry-after']).toBe('5')
  refused.on('error', () => undefined)
  refused.terminate()
  const [first] = sockets
  first?.close()
  if (first !== undefined) await once(first, 'close')
  const next = open([protocolOf(TOKEN), 'v1.watch.orc.dev'])
  await once(next, 'open')
  for (const socket of [...sockets, next]) socket.terminate()
})

test('a frame that is too large closes it with 1009', async () => {
  const socket = open([protocolOf(TOKEN), 'v1.watch.orc.dev'])
  await once(socket, 'open')
  socket.send('x'.repeat(64 * 1024 + 1))
  const [code] = (await once(socket, 'close')) as [number]
  expect(code).toBe(1009)
})

test('small frames are taken and mean nothing', async () => {
  const watch = open([protocolOf(TOKEN), 'v1.watch.orc.dev'])
  await once(watch, 'open')
  watch.send('{"type":"DELETED"}')
  server.cache.put(serviceOf('a'))
  const [data] = (await once(watch, 'message')) as [Buffer]
  expect(data.toString()).toContain('"ADDED"')
  watch.terminate()
})

test('one that does not answer pings is cut', async () => {
  const socket = new WebSocket(
    `${server.url.replace('http', 'ws')}${COLLECTION}?watch=true`,
    [protocolOf(TOKEN), 'v1.watch.orc.dev'],
    { autoPong: false },
  )
  await once(socket, 'open')
  const pinged = once(socket, 'ping')
  server.clock.advance(30_000)
  await pinged
  server.clock.advance(30_000)
  const [code] = (await once(socket, 'close')) as [number]
  expect(code).toBe(1006)
})

test('one that answers lives on', async () => {
  const socket = open([protocolOf(TOKEN), 'v1.watch.orc.dev'])
  await once(socket, 'open')
  for (let i = 0; i < 3; i++) {
    const pinged = once(socket, 'ping')
    server.clock.advance(30_000)
    await pinged
    server.cache.put(serviceOf(`s${String(i)}`))
    // What was sent after the pong has come back shows that the pong has been there before.
    await once(socket, 'message')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(socket.readyState).toBe(WebSocket.OPEN)
  socket.terminate()
})

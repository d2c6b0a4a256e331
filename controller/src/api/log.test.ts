import { once } from 'node:events'
import { OrcClient } from '@orc/sdk/client'
import { nodeTransport } from '@orc/sdk/client/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogRequest, PodLogs } from '../ports/pod-logs.ts'
import { openStream, podOf, startTestServer, TOKEN, until, type TestServer } from './server-fake.ts'

/** Logs that tests write. */
class FakeLogs implements PodLogs {
  readonly requests: LogRequest[] = []
  source: ((signal: AbortSignal) => AsyncIterable<Uint8Array>) | undefined
  readonly signals: AbortSignal[] = []

  async open(request: LogRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    this.requests.push(request)
    this.signals.push(signal)
    return this.source?.(signal)
  }
}

let server: TestServer
let logs: FakeLogs
const PATH = '/api/v1/namespaces/default/pods/web-1/log'

beforeEach(async () => {
  logs = new FakeLogs()
  server = await startTestServer({ podLogs: logs })
  server.cache.put(podOf('web', 1))
})
afterEach(() => server.close())

async function* of(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}

/** Says something and then nothing more until it is told to end. */
async function* endless(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begun\n')
  if (!signal.aborted) await once(signal, 'abort')
}

describe('a log', () => {
  test('is the bytes as they were written', async () => {
    logs.source = () => of('one\n', 'two €', '\n')
    const { status, headers, text } = await server.send('GET', PATH)
    expect([status, headers['content-type'], text]).toEqual([200, 'text/plain', 'one\ntwo €\n'])
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test('is asked for as the client of the SDK does', async () => {
    logs.source = () => of('a\n')
    const client = new OrcClient(nodeTransport({ server: server.url, token: TOKEN }))
    const options = { follow: true, previous: true, tailLines: 0 }
    let text = ''
    for await (const piece of client.logs('default', 'web-1', options, new AbortController().signal)) text += piece
    expect(text).toBe('a\n')
    expect(logs.requests).toEqual([{ namespace: 'default', service: 'web', ordinal: 1, timestamps: false, ...options }])
  })

  test('leaves out what it is not asked for', async () => {
    logs.source = () => of()
    await server.send('GET', `${PATH}?container=web&timestamps=&follow=false&previous=0`)
    expect(logs.requests).toEqual([
      { namespace: 'default', service: 'web', ordinal: 1, follow: false, previous: false, timestamps: false },
    ])
  })

  test('is asked for from a time on, with times, and up to a size', async () => {
    logs.source = () => of('a\n')
    const part = 'timestamps=true&limitBytes=10'
    await server.send('GET', `${PATH}?sinceTime=2026-01-01T00:00:00Z&${part}`)
    const before = Date.now()
    await server.send('GET', `${PATH}?sinceSeconds=60&${part}`)
    const common = { timestamps: true, limitBytes: 10 }
    expect(logs.requests).toMatchObject([{ ...common, sinceMs: Date.UTC(2026, 0, 1) }, common])
    expect(Math.abs((logs.requests[1]?.sinceMs ?? 0) - (before - 60_000))).toBeLessThan(5000)
  })

  test('is asked for up to a time, and by what is in its lines', async () => {
    logs.source = () => of('a\n')
    await server.send('GET', `${PATH}?untilTime=2026-01-01T00:00:00Z&grep=a%20%26b&level=warn`)
    expect(logs.requests).toMatchObject([{ untilMs: Date.UTC(2026, 0, 1), grep: 'a &b', level: 'warn' }])
  })

  test.each([
    'untilTime=yesterday',
    'untilTime=2026-01-01T00:00:00Z&follow=true',
    'level=loud',
    'grep=a%0Ab',
    `grep=${'a'.repeat(257)}`,
    'tailLines=-1',
    'tailLines=1.5',
    'tailLines=x',
    'tailLines=9007199254740992',
    'tailLines=1e3',
    'tailLines=0x10',
    'follow=maybe',
    'previous=2',
    'sinceSeconds=-5',
    'sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z',
    'sinceTime=yesterday',
    'sinceTime=2026',
    'timestamps=maybe',
    'limitBytes=x',
  ])('with %s is refused', async (query) => {
    expect((await server.send('GET', `${PATH}?${query}`)).json).toMatchObject({ code: 400, reason: 'BadRequest' })
    expect(logs.requests).toEqual([])
  })

  test('of what is not there', async () => {
    expect((await server.send('GET', PATH.replace('web-1', 'web-2'))).status).toBe(404)
    expect((await server.send('GET', PATH)).json.message).toBe(
      'container "web" in pod "web-1" is waiting to start: Ready',
    )
    expect((await server.send('GET', `${PATH}?previous=true`)).json.message).toBe(
      'previous terminated container "web" in pod "web-1" not found',
    )
  })
})

describe('a log that is followed', () => {
  test('has its headers before there is a line', async () => {
    logs.source = async function* (signal) {
      await once(signal, 'abort')
      yield* of()
    }
    const response = await openStream(server.url, `${PATH}?follow=true`)
    expect(response.statusCode).toBe(200)
    response.destroy()
    await until(() => logs.signals[0]?.aborted === true)
  })

  test('is let go when the client goes', async () => {
    logs.source = endless
    const response = await openStream(server.url, `${PATH}?follow=true`)
    expect(String((await once(response, 'data'))[0])).toBe('begun\n')
    response.destroy()
    await until(() => logs.signals[0]?.aborted === true && server.clock.timers === 0)
  })

  test('ends with the server, and with the session', async () => {
    logs.source = endless
    const { token = '' } = server.credentials.exchangeCode(server.credentials.createCode().code) ?? {}
    const reply = server.send('GET', `${PATH}?follow=true`, { headers: { authorization: `Bearer ${token}` } })
    await until(() => logs.signals.length === 1)
    server.clock.advance(12 * 3_600_000)
    expect((await reply).text).toBe('begun\n')
    const other = server.send('GET', `${PATH}?follow=true`)
    await until(() => logs.signals.length === 2)
    await server.close()
    expect((await other).text).toBe('begun\n')
  })

  test('waits for a client that reads slowly, and loses nothing', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x')
    let made = 0
    logs.source = async function* () {
      for (; made < 1000; made++) yield piece
    }
    const response = await openStream(server.url, PATH)
    response.pause()
    let before = -1
    await until(() => {
      const isStill = made === before && made > 0
      before = made
      return isStill
    })
    expect(made).toBeLessThan(1000)
    let size = 0
    for await (const part of response) size += (part as Buffer).length
    expect(size).toBe(1000 * piece.length)
  })

  test('that breaks inside is cut, so that nobody takes the part for the whole', async () => {
    logs.source = async function* () {
      yield Buffer.from('begun\n')
      throw new Error('disk')
    }
    await expect(server.send('GET', PATH)).rejects.toThrow('aborted')
    expect(server.errors).toEqual([`GET ${PATH} failed: Error: disk`])
  })
})

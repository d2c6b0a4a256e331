import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { RESOURCES, type AgentService } from '@orc/schemas'
import { ApiError, OrcClient, reflect, type Collection, type WatchEvent } from '@orc/sdk/client'
import { nodeTransport } from '@orc/sdk/client/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../clock.ts'
import { openStream, protocolOf, serviceOf, startTestServer, TOKEN, until, type TestServer } from './server-fake.ts'

let server: TestServer
let client: OrcClient
let stop: AbortController

beforeEach(async () => {
  server = await startTestServer({ historySize: 64 })
  client = new OrcClient(nodeTransport({ server: server.url, token: TOKEN }))
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await server.close()
})

const { agentservices } = RESOURCES
const COLLECTION = '/apis/orc.dev/v1alpha1/namespaces/default/agentservices'
type Event = WatchEvent<AgentService>

/** A watch from the client's side; it listens from the start, whether or not anybody asks for the next event. */
class Follower {
  readonly #waiting: Event[] = []
  #hasEnded = false
  #wake = (): void => undefined
  readonly close: () => void

  constructor(close: () => void) {
    this.close = close
  }

  push(line: string): void {
    this.#waiting.push(JSON.parse(line) as Event)
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  async nextEvent(): Promise<Event> {
    const event = await this.#take()
    if (event === undefined) throw new Error('the watch ended')
    return event
  }

  /** As `TYPE name`. */
  async next(): Promise<string> {
    return shortly(await this.nextEvent())
  }

  /** Resolves when the server ends the stream, with nothing before. */
  async ended(): Promise<void> {
    expect(await this.#take()).toBeUndefined()
  }

  async #take(): Promise<Event | undefined> {
    while (this.#waiting.length === 0 && !this.#hasEnded) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#waiting.shift()
  }
}

function overHttp(path: string): Follower {
  const follower = new Follower(() => {
    stop.abort()
  })
  const read = async (): Promise<void> => {
    const transport = nodeTransport({ server: server.url, token: TOKEN })
    for await (const line of lines(transport.stream(path, stop.signal))) follower.push(line)
    follower.end()
  }
  void read()
  return follower
}

async function* lines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const parts = (rest + piece).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
}

function overWebSocket(path: string): Follower {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, [protocolOf(TOKEN), 'v1.watch.orc.dev'])
  const follower = new Follower(() => {
    // The server may know of it before the client does.
    if (socket.readyState === WebSocket.CONNECTING) socket.once('open', () => socket.close())
    else socket.close()
  })
  socket.on('message', (data, isBinary) => {
    expect(isBinary).toBe(false)
    follower.push((data as Buffer).toString())
  })
  socket.on('close', (code) => {
    expect(code === 1000 || code === 1005).toBe(true)
    follower.end()
  })
  return follower
}

function shortly({ type, object }: Event): string {
  return type === 'ERROR' || type === 'BOOKMARK' ? type : `${type} ${object.metadata.name}`
}

/** Each open watch has a timer, for its end. */
function isWatched(): boolean {
  return server.clock.timers > 0
}

/** In steps, with a moment for what answers in between, such as pongs. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20_000) {
    server.clock.advance(Math.min(left, 20_000))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe.each([
  { transport: 'HTTP', follow: overHttp },
  { transport: 'a WebSocket', follow: overWebSocket },
])('a watch over $transport', ({ follow }) => {
  test('tells every change after a list, in order', async () => {
    server.cache.put(serviceOf('a'))
    const { metadata } = await client.list(agentservices)
    server.cache.put(serviceOf('b'))
    const watch = follow(`${COLLECTION}?watch=true&resourceVersion=${metadata.resourceVersion}`)
    expect(await watch.next()).toBe('ADDED b')
    server.cache.put(serviceOf('a', { labels: { x: 'y' } }))
    server.cache.delete('AgentService/default/b')
    server.cache.put({ ...serviceOf('elsewhere'), metadata: { name: 'elsewhere', namespace: 'other' } })
    const changed = await watch.nextEvent()
    expect(shortly(changed)).toBe('MODIFIED a')
    expect(changed.object).toEqual(server.cache.get('AgentService/default/a'))
    expect(await watch.next()).toBe('DELETED b')
    server.cache.put(serviceOf('c'))
    expect(await watch.next()).toBe('ADDED c')
    watch.close()
  })

  test.each(['', '&resourceVersion=0'])(
    'begins with the present state when it is given no version (%s)',
    async (version) => {
      for (const name of ['b', 'a']) server.cache.put(serviceOf(name))
      const watch = follow(`${COLLECTION}?watch=1${version}`)
      expect([await watch.next(), await watch.next()]).toEqual(['ADDED a', 'ADDED b'])
      server.cache.put(serviceOf('c'))
      expect(await watch.next()).toBe('ADDED c')
      watch.close()
    },
  )

  test('of a selection: what begins to match is added, what ceases to is deleted as it was, at the new version', async () => {
    server.cache.put(serviceOf('in', { labels: { team: 'x' } }))
    server.cache.put(serviceOf('out', { labels: { team: 'y' } }))
    const watch = follow(`${COLLECTION}?watch=true&labelSelector=team%3Dx`)
    expect(await watch.next()).toBe('ADDED in')
    const left = server.cache.put(serviceOf('in', { labels: { team: 'y' } }))
    server.cache.put(serviceOf('out', { labels: { team: 'x' } }))
    server.cache.put(serviceOf('out', { labels: { team: 'x', more: '1' } }))
    server.cache.delete('AgentService/default/in')
    server.cache.delete('AgentService/default/out')
    const gone = await watch.nextEvent()
    expect(shortly(gone)).toBe('DELETED in')
    expect(gone.object.metadata.labels).toEqual({ team: 'x' })
    expect(gone.object.metadata.resourceVersion).toBe(left.metadata.resourceVersion)
    expect([await watch.next(), await watch.next(), await watch.next()]).toEqual([
      'ADDED out',
      'MODIFIED out',
      'DELETED out',
    ])
    watch.close()
  })

  test('of one object by name', async () => {
    const watch = follow(`${COLLECTION}?watch=true&fieldSelector=metadata.name%3Da`)
    await until(() => isWatched())
    server.cache.put(serviceOf('b'))
    server.cache.put(serviceOf('a'))
    expect(await watch.next()).toBe('ADDED a')
    watch.close()
  })

  test('from a version that is forgotten says 410 and ends', async () => {
    const watch = follow(`${COLLECTION}?watch=true&resourceVersion=5`)
    const { type, object } = await watch.nextEvent()
    expect(type).toBe('ERROR')
    expect(object).toMatchObject({
      kind: 'Status',
      code: 410,
      reason: 'Expired',
      message: 'too old resource version: 5 (1001)',
    })
    await watch.ended()
  })

  test('from a version that fell out of the history says 410', async () => {
    const { metadata } = await client.list(agentservices)
    for (let i = 0; i < 70; i++) server.cache.put(serviceOf(`s${String(i)}`))
    const watch = follow(`${COLLECTION}?watch=true&resourceVersion=${metadata.resourceVersion}`)
    expect(await watch.next()).toBe('ERROR')
    await watch.ended()
  })

  test('sends a bookmark a minute, with the version that has been told, when it is asked to', async () => {
    const watch = follow(`${COLLECTION}?watch=true&allowWatchBookmarks=true`)
    await until(() => isWatched())
    server.cache.put({ ...serviceOf('x'), metadata: { name: 'x', namespace: 'other' } })
    await pass(59_000)
    server.cache.put(serviceOf('a'))
    expect(await watch.next()).toBe('ADDED a')
    server.clock.advance(1000)
    const { type, object } = await watch.nextEvent()
    expect(type).toBe('BOOKMARK')
    expect(object).toEqual({
      kind: 'AgentService',
      apiVersion: 'orc.dev/v1alpha1',
      metadata: { resourceVersion: server.cache.snapshotVersion(), creationTimestamp: null },
    })
    await pass(60_000)
    expect(await watch.next()).toBe('BOOKMARK')
    watch.close()
  })

  test('sends no bookmark unasked, and ends in an orderly way after timeoutSeconds', async () => {
    const watch = follow(`${COLLECTION}?watch=true&timeoutSeconds=90`)
    await until(() => isWatched())
    await pass(89_000)
    server.cache.put(serviceOf('a'))
    expect(await watch.next()).toBe('ADDED a')
    server.clock.advance(1000)
    await watch.ended()
    await until(() => !isWatched())
  })

  test('does not outlive the session that opened it', async () => {
    const session = server.credentials.exchangeCode(server.credentials.createCode().code)
    expect(session).toBeDefined()
    const headers = { authorization: `Bearer ${session?.token ?? ''}` }
    const answer = server.send('GET', `${COLLECTION}?watch=true&timeoutSeconds=999999`, { headers })
    await until(() => isWatched())
    server.clock.advance(12 * 3_600_000 - 1)
    expect(isWatched()).toBe(true)
    server.clock.advance(1)
    expect((await answer).status).toBe(200)
  })

  test('leaves nothing behind when the client goes', async () => {
    const watch = follow(`${COLLECTION}?watch=true`)
    await until(() => isWatched())
    watch.close()
    await until(() => !isWatched())
  })

  test('ends when the server closes', async () => {
    const watch = follow(`${COLLECTION}?watch=true`)
    await until(() => isWatched())
    await Promise.all([watch.ended(), server.close()])
  })
})

describe('as a table', () => {
  test('every event is a row, and only the first one says the columns', async () => {
    server.cache.put(serviceOf('a'))
    server.cache.put(serviceOf('b'))
    const response = await openStream(server.url, `${COLLECTION}?watch=true`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    })
    const [first, second] = await linesOf(response, 2)
    expect(first.object).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    expect(first.object.columnDefinitions[0]).toMatchObject({
      name: 'Name',
      type: 'string',
      format: 'name',
      priority: 0,
    })
    expect(first.object.rows).toHaveLength(1)
    expect(first.object.rows[0].cells.slice(0, 4)).toEqual(['a', 1, '0/1', 'Unknown'])
    expect(first.object.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } })
    expect(second.object.columnDefinitions).toBeNull()
    response.destroy()
  })
})

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tables, read by the test
type Any = any

async function linesOf(response: IncomingMessage, count: number): Promise<Any[]> {
  let text = ''
  response.setEncoding('utf8')
  while (text.split('\n').length <= count) {
    const [piece] = (await once(response, 'data')) as [string]
    text += piece
  }
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('refused before anything is sent', () => {
  test.each([
    ['resourceVersion=99999999', 504],
    ['resourceVersion=abc', 400],
    ['resourceVersion=-1', 400],
    ['timeoutSeconds=-1', 400],
    ['allowWatchBookmarks=maybe', 400],
    ['labelSelector=a%20b', 400],
    ['fieldSelector=spec.x%3D1', 400],
    ['includeObject=All', 400],
    ['sendInitialEvents=true', 422],
  ])('%s: %i', async (query, code) => {
    const reply = await server.send('GET', `${COLLECTION}?watch=true&${query}`)
    expect(reply.status).toBe(code)
    expect(reply.json).toMatchObject({ kind: 'Status', code })
  })

  test('headers are there before there is any event', async () => {
    const response = await openStream(server.url, `${COLLECTION}?watch=true`)
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toBe('application/json')
    response.destroy()
  })
})

describe('the client of the SDK', () => {
  test('keeps a copy that follows', async () => {
    server.cache.put(serviceOf('a'))
    let latest: Collection<AgentService> | undefined
    const running = reflect<AgentService>(client, agentservices, { onChange: (copy) => (latest = copy) }, stop.signal)
    const names = (): string[] => [...(latest?.items.values() ?? [])].map(({ metadata }) => metadata.name)
    await until(() => names().join() === 'a')
    server.cache.put(serviceOf('b'))
    server.cache.delete('AgentService/default/a')
    await until(() => names().join() === 'b')
    stop.abort()
    await running
  })

  test('is told 504 for a version that does not exist yet', async () => {
    const watch = client.watch(agentservices, { resourceVersion: '99999' }, stop.signal)
    await expect(watch.next()).rejects.toSatisfy((error) => error instanceof ApiError && error.code === 504)
  })

  test('works on the real clock', async () => {
    const real = await startTestServer({ clock: systemClock })
    const other = new OrcClient(nodeTransport({ server: real.url, token: TOKEN }))
    const watch = other.watch<AgentService>(agentservices, { resourceVersion: '0' }, stop.signal)
    real.cache.put(serviceOf('a'))
    expect((await watch.next()).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
    await real.close()
    expect(await watch.next()).toEqual({ done: true, value: undefined })
  })
})

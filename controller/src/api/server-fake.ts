/** A real API server for tests, on a free port, over a real cache and rooms that only pretend. */
import { get as httpGet, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { AgentService, ControllerInfo, Pod } from '@orc/schemas'
import { ORDINAL_LABEL, SERVICE_LABEL } from '@orc/schemas'
import { Cache } from '../cache/cache.ts'
import { FakeClock } from '../clock-fake.ts'
import type { Clock } from '../clock.ts'
import type { MutationRow } from '../ports/history.ts'
import type { PodLogs } from '../ports/pod-logs.ts'
import type { RememberedRevision } from '../ports/revision-history.ts'
import type { Sample } from '../ports/samples.ts'
import type { ServiceHistory } from '../ports/service-history.ts'
import { Credentials } from './credentials.ts'
import { createApiServer, type ApiServer } from './server.ts'
import { FakeFiles, FakeWriter } from './writer-fake.ts'

export const TOKEN = 'a-token-for-tests-as-long-as-a-real-one-is-0123'

export interface TestServerOptions {
  readonly clock?: Clock
  readonly dashboardDir?: string
  readonly podLogs?: PodLogs
  readonly samples?: readonly Sample[]
  readonly revisions?: readonly RememberedRevision[]
  readonly history?: Partial<ServiceHistory>
  readonly historySize?: number
}

export interface TestServer {
  readonly url: string
  readonly port: number
  readonly cache: Cache
  readonly clock: FakeClock
  readonly credentials: Credentials
  readonly server: ApiServer
  /** What the server logged as errors. */
  readonly errors: string[]
  /** What was put on record. */
  readonly mutations: MutationRow[]
  /** With the admin's token, unless other headers are given. */
  send(method: string, path: string, options?: SendOptions): Promise<Reply>
  close(): Promise<void>
}

export interface SendOptions {
  /** Objects are sent as JSON, texts and bytes as they are. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read what they expect
  readonly json: any
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clock = new FakeClock()
  const time = options.clock ?? clock
  let version = 1000
  const cache = new Cache({
    nextResourceVersion: () => ++version,
    ...(options.historySize !== undefined && { historySize: options.historySize }),
  })
  const writer = new FakeWriter(cache)
  const credentials = new Credentials({ adminToken: TOKEN, clock: time })
  const errors: string[] = []
  const mutations: MutationRow[] = []
  const server = createApiServer({
    cache,
    hub: cache.hub,
    writers: { manifests: writer, secrets: writer, namespaces: writer, pods: writer, files: new FakeFiles(cache) },
    podLogs: options.podLogs ?? { open: () => Promise.resolve(undefined) },
    samples: { latest: (namespace) => inNamespace(options.samples ?? [], namespace) },
    revisions: { remembered: (namespace) => inNamespace(options.revisions ?? [], namespace) },
    history: { ...NOTHING_REMEMBERED, ...options.history },
    credentials,
    mutations: {
      recordMutation: (mutation) => {
        mutations.push(mutation)
      },
    },
    info: () => INFO,
    clock: time,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (message, error) => errors.push(`${message}: ${String(error)}`),
    },
    ...(options.dashboardDir !== undefined && { dashboardDir: options.dashboardDir }),
  })
  const { url } = await server.listen('127.0.0.1', 0)
  const port = Number(new URL(url).port)
  return {
    ...{ url, port, cache, clock, credentials, server, errors, mutations },
    send: (method, path, sent) => send({ port, method, path }, sent),
    close: () => server.close(),
  }
}

const NOTHING_REMEMBERED: ServiceHistory = {
  samples: () => Promise.resolve({ stepMs: 60_000, points: [] }),
  overview: (_, { sinceMs }) => Promise.resolve({ sinceMs, stepMs: 3_600_000, rows: [] }),
  runs: () => Promise.resolve([]),
  failures: () => Promise.resolve([]),
}

function inNamespace<T extends { readonly namespace: string }>(
  items: readonly T[],
  namespace: string | undefined,
): T[] {
  return items.filter((item) => namespace === undefined || item.namespace === namespace)
}

const INFO: ControllerInfo = {
  version: '0.1.0',
  pid: 1,
  startedAt: '2026-01-01T00:00:00Z',
  manifestsDir: '/m',
  stateDir: '/s',
  server: 'http://127.0.0.1:1',
  mode: 'Detached',
  holds: [],
}

const AUTHORIZED = { authorization: `Bearer ${TOKEN}` }

/** The path goes out as it stands, whatever is in it. */
function send(
  { port, method, path }: { port: number; method: string; path: string },
  { body: sent, headers = AUTHORIZED }: SendOptions = {},
): Promise<Reply> {
  const isRaw = typeof sent === 'string' || sent instanceof Uint8Array
  const bytes = sent === undefined ? undefined : isRaw ? sent : JSON.stringify(sent)
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  return new Promise((resolve, reject) => {
    const body = bytes === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(bytes) }
    const outgoing = httpRequest({
      port,
      host: '127.0.0.1',
      method,
      path,
      headers: { ...body, ...headers },
      agent: false,
    })
    outgoing.on('error', reject)
    outgoing.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(replyOf(response.statusCode, response.headers, ''))
    })
    outgoing.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => (text += piece))
      response.on('end', () => {
        resolve(replyOf(response.statusCode, response.headers, text))
      })
      response.on('error', reject)
    })
    outgoing.end(bytes)
  })
}

function replyOf(status: number | undefined, headers: IncomingHttpHeaders, text: string): Reply {
  return {
    status: status ?? 0,
    headers,
    text,
    get json(): unknown {
      return JSON.parse(text) as unknown
    },
  }
}

/** Bytes as they are on a connection of their own; resolves with all that came back until the server closed it. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8')
    socket.on('data', (piece: string) => (text += piece))
    socket.on('close', () => {
      resolve(text)
    })
    socket.on('error', reject)
  })
}

/** An answer that may not end; the admin's, on a connection of its own. */
export function openStream(url: string, path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { headers: { ...AUTHORIZED, ...headers }, agent: false as const }
    httpGet(new URL(path, url), options, resolve).on('error', reject)
  })
}

/** All that comes until the end. */
export async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const piece of response) text += piece as string
  return text
}

/** Looks again and again, since what the server does about a lost client takes a moment. */
export async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

export function protocolOf(token: string): string {
  return `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`
}

export function serviceOf(name: string, more: Partial<AgentService['metadata']> = {}): AgentService {
  return {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name, namespace: 'default', ...more },
    spec: { command: ['sleep', '300'] },
  }
}

export function podOf(service: string, ordinal = 0): Pod {
  const labels = { [SERVICE_LABEL]: service, [ORDINAL_LABEL]: String(ordinal) }
  const startedAt = '2026-01-01T00:00:00Z'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${service}-${String(ordinal)}`, namespace: 'default', labels, creationTimestamp: startedAt },
    spec: {
      containers: [{ name: service, command: ['x'], ports: [] }],
      restartPolicy: 'Always',
      nodeName: 'localhost',
    },
    status: {
      phase: 'Running',
      conditions: [],
      message: '',
      reason: 'Ready',
      hostIP: '127.0.0.1',
      podIP: '127.0.0.1',
      containerStatuses: [
        {
          ...{ name: service, ready: true, started: true, restartCount: 2, image: '', imageID: '', containerID: '' },
          state: { running: { startedAt } },
          lastState: {},
        },
      ],
      orc: {},
    },
  }
}

/** The doors: HTTP on loopback addresses, for the dashboard, the CLI, the SDK and whoever holds the token. */
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Express } from 'express'
import type { ControllerInfo } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { WatchHub } from '../cache/watch-hub.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { MutationLog } from '../ports/history.ts'
import type { Rooms } from '../resources/resource.ts'
import { send } from './answer.ts'
import { authRoutes } from './auth-routes.ts'
import type { ServerContext } from './call.ts'
import type { Credentials } from './credentials.ts'
import { dashboardPages } from './dashboard.ts'
import { Endpoint } from './endpoint.ts'
import { badRequest } from './errors.ts'
import { Lifetimes } from './lifetimes.ts'
import { Pages } from './pages.ts'
import { createRouter } from './router.ts'
import { systemRoutes } from './system-routes.ts'
import { WatchSockets, type Upgrade } from './websocket.ts'

export interface ApiServerDeps extends Rooms {
  readonly cache: Cache
  readonly hub: WatchHub
  readonly credentials: Credentials
  info(): ControllerInfo
  /** The built dashboard; absent = a text that says how to build it. */
  readonly dashboardDir?: string
  readonly clock: Clock
  /** Where every change through the API is put on record. */
  readonly mutations: MutationLog
  readonly log?: Log
}

export interface ApiServer {
  /** Takes a loopback address; port 0 = a free one. Rejects as `net.Server` does, for example with EADDRINUSE. */
  listen(host: string, port: number): Promise<{ readonly url: string }>
  /** Ends all streams in an orderly way, then everything. */
  close(): Promise<void>
}

/** Watches live in answers, which have no time limit: these are for what clients send. */
export const SERVER_OPTIONS = {
  // Above the 90 s for which Go's clients keep a connection: the side that reuses it must be the one that closes it.
  keepAliveTimeout: 95_000,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 2_000,
  // The guard answers these, with a Status.
  requireHostHeader: false,
} as const

const MOST_CONNECTIONS = 1024
/** For clients to take the ends of their streams. */
const CLOSE_WITHIN_MS = 1000
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1)$/
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

export function createApiServer(deps: ApiServerDeps): ApiServer {
  const { clock, log = SILENT } = deps
  const context: ServerContext = {
    ...deps,
    pages: new Pages(clock),
    lifetimes: new Lifetimes(clock),
    sockets: new WatchSockets(clock),
  }
  const upgrades = new WeakMap<IncomingMessage, Upgrade>()
  const app = createRouter({
    endpoint: new Endpoint({
      context,
      credentials: deps.credentials,
      mutations: deps.mutations,
      log,
      upgradeOf: (request) => upgrades.get(request),
    }),
    paths: { ...systemRoutes(() => deps.info()), ...authRoutes(deps.credentials, clock) },
    pages: dashboardPages(deps.dashboardDir),
  })
  const server = createServer(SERVER_OPTIONS, app)
  server.maxConnections = MOST_CONNECTIONS
  server.on('upgrade', (request, socket, head) => {
    upgrades.set(request, { socket, head })
    serveUpgrade(app, request, socket)
  })
  const connections = new Set<Duplex>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return {
    listen: (host, port) => listen(server, host, port),
    close: () => {
      context.lifetimes.endAll()
      return close(server, connections)
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<{ url: string }> {
  if (!LOOPBACK.test(host))
    return Promise.reject(new Error(`plain HTTP is served on loopback addresses only, not on ${host}`))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const name = host.includes(':') ? `[${host}]` : host
      resolve({ url: `http://${name}:${String((server.address() as AddressInfo).port)}` })
    })
  })
}

/** Upgrades go the way of all requests, so that they meet the same guards; a refusal is a plain answer. */
function serveUpgrade(app: Express, request: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as never)
  response.on('finish', () => socket.end())
  if (request.headers.upgrade?.toLowerCase() === 'websocket' && request.method === 'GET') app(request, response)
  else send(response, badRequest('only WebSocket upgrades are taken'))
}

async function close(server: Server, connections: ReadonlySet<Duplex>): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  const timer = setTimeout(() => {
    for (const socket of connections) socket.destroy()
  }, CLOSE_WITHIN_MS)
  await closed
  clearTimeout(timer)
}

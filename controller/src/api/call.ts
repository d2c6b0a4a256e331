/** One request on its way through the API, and what comes out of it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cache } from '../cache/cache.ts'
import type { WatchHub } from '../cache/watch-hub.ts'
import type { Clock } from '../clock.ts'
import type { Resource, Rooms } from '../resources/resource.ts'
import type { User } from './credentials.ts'
import type { Failure } from './errors.ts'
import type { Lifetimes } from './lifetimes.ts'
import type { Pages } from './pages.ts'
import type { Trail } from './trail.ts'
import type { Upgrade, WatchSockets } from './websocket.ts'

/** What operations work with. */
export interface ApiContext extends Rooms {
  readonly cache: Cache
  readonly hub: WatchHub
  readonly clock: Clock
  readonly pages: Pages
  readonly lifetimes: Lifetimes
  readonly sockets: WatchSockets
  /** Of this request. */
  readonly trail: Trail
}

/** The part that is the same for all requests. */
export type ServerContext = Omit<ApiContext, 'trail'>

export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Where the route has them; checked. */
  readonly params: { readonly namespace?: string; readonly name?: string }
  readonly query: URLSearchParams
  /** Undefined on public routes only. */
  readonly user: User | undefined
  /** There when the client wants a WebSocket. */
  readonly upgrade: Upgrade | undefined
}

/** `Streamed` = the operation answers by itself, or the client is gone. */
export type Answer = Success | Failure | 'Streamed'

export interface Success {
  readonly code: number
  readonly contentType: string
  /** Pieces are sent as one text; to join thousands first takes longer than to encode them. */
  readonly body: string | readonly string[]
  readonly headers: Readonly<Record<string, string | readonly string[]>>
}

export type Operation = (context: ApiContext, resource: Resource, call: Call) => Answer | Promise<Answer>

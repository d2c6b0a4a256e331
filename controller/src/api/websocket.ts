/** WebSockets for watches: at most 100, each pinged, none allowed to send more than a word. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import { chooseProtocol } from './bearer.ts'
import type { Failure } from './errors.ts'
import { tooMany } from './errors.ts'
import { socketSink, type Sink } from './sink.ts'

/** A request for a WebSocket, with the connection that it came on. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

const MOST_SOCKETS = 100
const PING_MS = 30_000
const MOST_PAYLOAD = 64 * 1024

export class WatchSockets {
  readonly #clock: Clock
  readonly #open = new Set<WebSocket>()
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MOST_PAYLOAD,
    handleProtocols: chooseProtocol,
  })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#open.size
  }

  /** Undefined when the handshake is none: the client has been told. */
  async accept(
    request: IncomingMessage,
    response: ServerResponse,
    { socket, head }: Upgrade,
  ): Promise<Sink | Failure | undefined> {
    if (this.#open.size >= MOST_SOCKETS) return tooMany(`there are ${String(MOST_SOCKETS)} open WebSockets already`, 5)
    response.detachSocket(socket as never)
    const webSocket = await new Promise<WebSocket | undefined>((resolve) => {
      const onClose = (): void => {
        resolve(undefined)
      }
      socket.once('close', onClose)
      this.#server.handleUpgrade(request, socket, head, (accepted) => {
        socket.off('close', onClose)
        resolve(accepted)
      })
    })
    if (webSocket === undefined) return undefined
    this.#keep(webSocket)
    return socketSink(webSocket, socket, this.#clock)
  }

  /** What the client sends means nothing; too much of it closes the socket with 1009. */
  #keep(webSocket: WebSocket): void {
    this.#open.add(webSocket)
    let isAlive = true
    let cancel = (): void => undefined
    const ping = (): void => {
      if (!isAlive) {
        webSocket.terminate()
        return
      }
      isAlive = false
      webSocket.ping()
      cancel = this.#clock.setTimer(PING_MS, ping)
    }
    cancel = this.#clock.setTimer(PING_MS, ping)
    webSocket.on('pong', () => {
      isAlive = true
    })
    webSocket.on('error', () => undefined)
    webSocket.on('close', () => {
      cancel()
      this.#open.delete(webSocket)
    })
  }
}

/** Where a stream goes: an HTTP response or a WebSocket, which tell when they are full and when they are gone. */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'

/** After the end or the loss of the client everything here is harmless. */
export interface Sink {
  /** Never waits. One call = one frame on a WebSocket. */
  write(piece: string | Uint8Array): void
  /** More than 256 KiB wait for the client: what is still to be told should wait as references, which cost nothing. */
  readonly isFull: boolean
  /** True when nothing waits any more or the client is gone, false when it took longer than `withinMs`. */
  drained(withinMs?: number): Promise<boolean>
  /** The client gets what was written, if it takes it within 5 s. */
  end(): void
  /** Called once, at once if it has closed already. */
  onClose(listener: () => void): void
}

const FULL_BYTES = 256 * 1024
const LINGER_MS = 5000

export function httpSink(response: ServerResponse, clock: Clock): Sink {
  return {
    write: (piece) => {
      if (!response.writableEnded && !response.destroyed) response.write(piece)
    },
    get isFull() {
      return response.writableLength > FULL_BYTES
    },
    drained: (withinMs) => untilDrained(response, clock, withinMs),
    end: () => {
      if (response.writableEnded || response.destroyed) return
      response.end()
      const cancel = clock.setTimer(LINGER_MS, () => response.destroy())
      response.once('close', cancel)
    },
    onClose: (listener) => {
      if (response.destroyed || response.closed) listener()
      else response.once('close', listener)
    },
  }
}

/** `socket` is what lies under the WebSocket: only that says when it is drained. */
export function socketSink(webSocket: WebSocket, socket: Duplex, clock: Clock): Sink {
  return {
    write: (piece) => {
      if (webSocket.readyState === webSocket.OPEN) webSocket.send(piece, { binary: false })
    },
    get isFull() {
      return webSocket.bufferedAmount > FULL_BYTES
    },
    drained: (withinMs) => untilDrained(socket, clock, withinMs),
    end: () => {
      if (webSocket.readyState !== webSocket.OPEN) return
      webSocket.close(1000)
      const cancel = clock.setTimer(LINGER_MS, () => {
        webSocket.terminate()
      })
      webSocket.once('close', cancel)
    },
    onClose: (listener) => {
      if (webSocket.readyState === webSocket.CLOSED) listener()
      else webSocket.once('close', listener)
    },
  }
}

function untilDrained(stream: ServerResponse | Duplex, clock: Clock, withinMs = Infinity): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isDrained: boolean): void => {
      cancel?.()
      stream.off('drain', onDrain)
      stream.off('close', onDrain)
      resolve(isDrained)
    }
    const onDrain = (): void => {
      finish(true)
    }
    const onLate = (): void => {
      finish(false)
    }
    const cancel = withinMs === Infinity ? undefined : clock.setTimer(withinMs, onLate)
    stream.once('drain', onDrain)
    stream.once('close', onDrain)
    if (stream.destroyed) onDrain()
  })
}

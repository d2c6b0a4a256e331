/** Transport for browsers: fetch for requests and logs, one WebSocket for each watch. The token never enters a URL. */
import { ApiError, apiError, ConnectionError, type ApiRequest, type ApiResponse, type Transport } from '@orc/sdk/client'

export interface BrowserTransportOptions {
  /** Absent before sign-in. */
  readonly token?: string
  /** The server does not know the token (any more). Called before the request fails. */
  readonly onUnauthorized?: () => void
}

type Open = (request: ApiRequest) => Promise<Response>

const ANSWER_WITHIN_MS = 10_000
const WATCH_PROTOCOL = 'v1.watch.orc.dev'
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io'
/** WebSocket close codes after which nothing is wrong: done, or the server goes away in an orderly way. */
const ORDERLY: readonly number[] = [1000, 1001]

export function browserTransport({ token, onUnauthorized }: BrowserTransportOptions): Transport {
  const open: Open = async (request) => {
    try {
      const response = await fetch(request.path, {
        method: request.method,
        headers: {
          accept: request.accept ?? 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: request.signal ?? null,
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
      })
      if (response.status === 401) onUnauthorized?.()
      return response
    } catch (error) {
      throw new ConnectionError('orc does not answer', { cause: error })
    }
  }

  return {
    async send(request): Promise<ApiResponse> {
      const late = AbortSignal.timeout(ANSWER_WITHIN_MS)
      const signal = request.signal === undefined ? late : AbortSignal.any([request.signal, late])
      const response = await open({ ...request, signal })
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await textOf(response) }
    },

    stream(path, signal): AsyncIterable<string> {
      const isWatch = new URL(path, location.origin).searchParams.get('watch') === 'true'
      return isWatch ? frames(path, protocolsOf(token), signal) : pieces(open, path, signal)
    },
  }
}

/** Each frame as one line. A browser does not say why a WebSocket was refused: the list that follows finds out. */
async function* frames(path: string, protocols: string[], signal: AbortSignal): AsyncGenerator<string> {
  if (signal.aborted) return
  const socket = new WebSocket(new URL(path, location.origin.replace(/^http/, 'ws')), protocols)
  const waiting: string[] = []
  let closed: CloseEvent | undefined
  let wake = (): void => undefined
  socket.addEventListener('message', ({ data }) => {
    waiting.push(`${String(data)}\n`)
    wake()
  })
  socket.addEventListener('close', (event) => {
    closed = event
    wake()
  })
  const close = (): void => socket.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    for (;;) {
      const frame = waiting.shift()
      if (frame !== undefined) yield frame
      else if (closed === undefined) await new Promise<void>((resolve) => (wake = resolve))
      else if (signal.aborted || ORDERLY.includes(closed.code)) return
      else throw new ConnectionError(`the watch broke (${String(closed.code)}${closed.reason && `: ${closed.reason}`})`)
    }
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}

/** The text of a body as it comes. */
async function* pieces(open: Open, path: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    const response = await open({ method: 'GET', path, signal, accept: '*/*' })
    if (response.status >= 400) throw apiError(response.status, await textOf(response))
    if (response.body !== null) yield* textPieces(response.body)
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof ApiError || error instanceof ConnectionError) throw error
    throw new ConnectionError('the connection to orc broke', { cause: error })
  }
}

/** By hand: not every browser can iterate over a stream. */
async function* textPieces(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

async function textOf(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    throw new ConnectionError('the answer of orc broke off', { cause: error })
  }
}

/** A browser cannot send headers with a WebSocket, so the token travels as a subprotocol, as Kubernetes has it. */
function protocolsOf(token: string | undefined): string[] {
  if (token === undefined) return [WATCH_PROTOCOL]
  const base64url = btoa(token).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  return [`${TOKEN_PROTOCOL}.${base64url}`, WATCH_PROTOCOL]
}

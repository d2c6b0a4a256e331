/** Transport for Node: `node:http`, since the first `fetch` of a process costs 140 ms on Node 20. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { apiError, ConnectionError } from './errors.ts'
import type { ApiRequest, ApiResponse, Transport } from './transport.ts'

export interface Server {
  /** `http://host:port`. */
  readonly server: string
  readonly token: string
}

export function nodeTransport({ server, token }: Server): Transport {
  const open = (request: ApiRequest): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const body = request.body === undefined ? undefined : JSON.stringify(request.body)
      const outgoing = httpRequest(
        new URL(request.path, server),
        {
          method: request.method,
          headers: {
            accept: request.accept ?? 'application/json',
            authorization: `Bearer ${token}`,
            ...(body === undefined
              ? {}
              : {
                  'content-type': request.contentType ?? 'application/json',
                  'content-length': Buffer.byteLength(body),
                }),
          },
          ...(request.signal === undefined ? {} : { signal: request.signal }),
        },
        resolve,
      )
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        reject(new ConnectionError(`cannot reach ${server}: ${error.code ?? error.message}`, { cause: error }))
      })
      outgoing.end(body)
    })

  return {
    async send(request): Promise<ApiResponse> {
      const response = await open(request)
      return { status: response.statusCode ?? 0, headers: flat(response), text: await textOf(response) }
    },
    async *stream(path, signal): AsyncGenerator<string> {
      try {
        const response = await open({ method: 'GET', path, signal, accept: '*/*' })
        if ((response.statusCode ?? 0) >= 400) throw apiError(response.statusCode ?? 0, await textOf(response))
        response.setEncoding('utf8')
        for await (const piece of response) yield piece as string
      } catch (error) {
        if (signal.aborted) return
        throw error instanceof Error && 'code' in error && error.name !== 'ApiError'
          ? new ConnectionError(`the connection to ${server} broke: ${String(error.code)}`, { cause: error })
          : error
      }
    },
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const piece of response) text += piece as string
  return text
}

function flat(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
}

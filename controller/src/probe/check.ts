/** One question to one process: answered within the deadline, or failed, with a sentence either way. */
import { request } from 'node:http'
import { connect } from 'node:net'

export interface Answer {
  readonly passed: boolean
  /** What was asked and what came back. */
  readonly message: string
}

export interface HttpQuestion {
  readonly path: string
  readonly port: number
  readonly timeoutMs: number
}

/** A body is read to its end, so that a server which never ends it fails; but no more than this is read. */
const BODY_LIMIT = 64 * 1024

/** GET on 127.0.0.1; 200 to 399 passes. Redirects are not followed, no proxy is used, the deadline covers the body. */
export function checkHttp({ path, port, timeoutMs }: HttpQuestion): Promise<Answer> {
  const asked = `GET http://127.0.0.1:${String(port)}${path}`
  return new Promise((resolve) => {
    const abort = new AbortController()
    const settle = (passed: boolean, message: string): void => {
      clearTimeout(deadline)
      resolve({ passed, message: `${asked} ${message}` })
      abort.abort()
    }
    const deadline = setTimeout(() => {
      settle(false, `was not answered within ${seconds(timeoutMs)}`)
    }, timeoutMs)
    const outgoing = request(
      { host: '127.0.0.1', port, path, agent: false, signal: abort.signal, headers: { 'user-agent': 'orc-probe' } },
      (response) => {
        const status = response.statusCode ?? 0
        const passed = status >= 200 && status < 400
        let received = 0
        response.on('data', (piece: Buffer) => {
          received += piece.length
          if (received >= BODY_LIMIT) settle(passed, `answered ${String(status)}`)
        })
        response.on('end', () => {
          settle(passed, `answered ${String(status)}`)
        })
        response.on('error', (error) => {
          settle(false, `broke off (${codeOf(error)})`)
        })
      },
    )
    outgoing.on('error', (error) => {
      settle(false, `failed (${codeOf(error)})`)
    })
    outgoing.end()
  })
}

/** A connection to 127.0.0.1 that opens passes; it is closed at once. */
export function checkTcp({ port, timeoutMs }: Omit<HttpQuestion, 'path'>): Promise<Answer> {
  const asked = `Connecting to 127.0.0.1:${String(port)}`
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const settle = (passed: boolean, message: string): void => {
      clearTimeout(deadline)
      socket.destroy()
      resolve({ passed, message: `${asked} ${message}` })
    }
    const deadline = setTimeout(() => {
      settle(false, `took longer than ${seconds(timeoutMs)}`)
    }, timeoutMs)
    socket.on('connect', () => {
      settle(true, 'succeeded')
    })
    socket.on('error', (error) => {
      settle(false, `failed (${codeOf(error)})`)
    })
  })
}

function seconds(ms: number): string {
  return `${String(ms / 1000)} s`
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message
}

/** Questions over the network, to this host only: answered within the deadline, with a sentence either way. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { codeOf, withinDeadline, type Answer } from './answer.ts'

export interface HttpQuestion {
  readonly path: string
  readonly port: number
  readonly timeoutMs: number
}

/** A body is read to its end, so that a server which never ends it fails; but no more than this is read. */
const BODY_LIMIT = 64 * 1024

/** GET on 127.0.0.1; 200 to 399 passes. Redirects are not followed, no proxy is used, the deadline covers the body. */
export function checkHttp({ path, port, timeoutMs }: HttpQuestion): Promise<Answer> {
  return withinDeadline(timeoutMs, `GET http://127.0.0.1:${String(port)}${path}`, (settle) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, agent: false, headers: { 'user-agent': 'orc-probe' } },
      (response) => {
        const status = response.statusCode ?? 0
        const passed = status >= 200 && status < 400
        let received = 0
        response.on('data', (piece: Buffer) => {
          received += piece.length
          if (received < BODY_LIMIT) return
          settle(passed, `answered ${String(status)}`)
          outgoing.destroy()
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
    return () => {
      outgoing.destroy()
    }
  })
}

/** A connection to 127.0.0.1 that opens passes; it is closed at once. */
export function checkTcp({ port, timeoutMs }: Omit<HttpQuestion, 'path'>): Promise<Answer> {
  return withinDeadline(timeoutMs, `Connecting to 127.0.0.1:${String(port)}`, (settle) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('connect', () => {
      settle(true, 'succeeded')
      socket.destroy()
    })
    socket.on('error', (error) => {
      settle(false, `failed (${codeOf(error)})`)
    })
    return () => {
      socket.destroy()
    }
  })
}

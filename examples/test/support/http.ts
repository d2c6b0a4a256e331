/** Requests of the plainest kind: one connection each, so that a test knows what is open, or one that is held open. */
import http from 'node:http'
import net from 'node:net'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** Rejects when there is no complete answer. */
export function get(url: string, options: http.RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent: false, ...options }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', text }),
      )
    })
    request.on('error', reject)
    request.end()
  })
}

/**
 * Sends a GET and returns when the server is working on it: the request lies in the kernel before a second connection
 * is opened, and connections are accepted in order, so whoever has answered the second has the first.
 */
export async function getInFlight(base: string, path: string): Promise<{ answer: Promise<string> }> {
  const { hostname, port } = new URL(base)
  const socket = net.connect({ host: hostname, port: Number(port) })
  const answer = readAll(socket)
  answer.catch(() => undefined)
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`, (error) => (error ? reject(error) : resolve()))
  })
  await get(`${base}/health`)
  return { answer }
}

function readAll(socket: net.Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

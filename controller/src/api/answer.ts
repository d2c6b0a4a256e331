/** Answers as bytes on the line. */
import type { ServerResponse } from 'node:http'
import type { Answer, Success } from './call.ts'
import { Failure } from './errors.ts'

export function json(code: number, value: unknown, headers: Success['headers'] = {}): Success {
  return jsonBody(code, JSON.stringify(value), headers)
}

/** `body` is JSON already. */
export function jsonBody(code: number, body: Success['body'], headers: Success['headers'] = {}): Success {
  return { code, contentType: 'application/json', body, headers }
}

export function text(code: number, body: string): Success {
  return { code, contentType: 'text/plain; charset=utf-8', body, headers: {} }
}

const MOST_WARNING_BYTES = 4096
const MOST_WARNING_LENGTH = 256

/** As `Warning` headers (RFC 7234, 5.5), in UTF-8; cut where they would not fit into the headers that clients take. */
export function warningHeaders(warnings: readonly string[]): Success['headers'] {
  const lines: string[] = []
  let size = 0
  for (const warning of warnings) {
    const line = `299 - "${quotable(warning)}"`
    size += line.length
    if (size > MOST_WARNING_BYTES) break
    lines.push(line)
  }
  return lines.length === 0 ? {} : { Warning: lines }
}

function quotable(warning: string): string {
  // Control characters would end the header.
  const line = warning.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
  const cut = line.length > MOST_WARNING_LENGTH ? `${line.slice(0, MOST_WARNING_LENGTH - 3)}...` : line
  // Node writes headers as latin1: this makes it write the bytes of UTF-8.
  return Buffer.from(cut.replaceAll(/["\\]/g, '\\$&')).toString('latin1')
}

export function send(response: ServerResponse, answer: Exclude<Answer, 'Streamed'>): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const success = answer instanceof Failure ? json(answer.status.code, answer.status, answer.headers) : answer
  for (const [name, value] of Object.entries(success.headers)) response.setHeader(name, value)
  const bytes = encode(success.body)
  response.writeHead(success.code, { 'Content-Type': success.contentType, 'Content-Length': bytes.length })
  response.end(bytes)
}

function encode(body: Success['body']): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  const bytes = Buffer.allocUnsafe(body.reduce((size, piece) => size + Buffer.byteLength(piece), 0))
  let end = 0
  for (const piece of body) end += bytes.write(piece, end)
  return bytes
}

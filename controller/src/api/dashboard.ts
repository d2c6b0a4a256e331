/** Hands out the dashboard's files, and its index.html wherever the dashboard has a page of its own. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import sirv from 'sirv'

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => void

/** The files are listed once: after a new build the controller must be started again. */
export function dashboardPages(directory: string | undefined): PageHandler {
  if (directory === undefined) return notBuilt
  const policy = policyFor(readFileSync(path.join(directory, 'index.html'), 'utf8'))
  const files = sirv(directory, { etag: true, brotli: true, gzip: true, setHeaders: setCaching })
  return (request, response) => {
    response.setHeader('Content-Security-Policy', policy(String(request.headers.host)))
    // sirv reads ranges without looking whether they make sense.
    delete request.headers.range
    response.on('pipe', destroyOnError)
    const { url = '/' } = request
    files(request, response, () => {
      // Assets carry their hash in their name: a missing one belongs to another build, and no page stands in for it.
      if (url.startsWith('/_app/')) notFound(response, 'there is no such file')
      else {
        request.url = '/'
        files(request, response)
      }
    })
  }
}

/** A file that vanished since it was listed must not bring the process down. */
function destroyOnError(this: ServerResponse, source: NodeJS.EventEmitter): void {
  source.once('error', () => this.destroy())
}

function setCaching(response: ServerResponse, pathname: string): void {
  const isImmutable = pathname.startsWith('/_app/immutable/')
  response.setHeader('Cache-Control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache')
}

function notBuilt(_: IncomingMessage, response: ServerResponse): void {
  notFound(response, 'The dashboard is not built. Run "npm run build" in the source directory and start orc again.')
}

function notFound(response: ServerResponse, message: string): void {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`${message}\n`)
}

/** Scripts from here only, and of those written into the page exactly the ones that it was built with. */
function policyFor(html: string): (host: string) => string {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)]
  const hashes = inline.map(([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  return (host) =>
    [
      "default-src 'self'",
      ["script-src 'self'", ...hashes].join(' '),
      // The editor writes its styles into the page.
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      // Not every browser takes 'self' for WebSockets.
      `connect-src 'self' ws://${host}`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; ')
}

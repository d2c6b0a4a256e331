/** Lets only those requests in that were meant for this server: no rebound names, no foreign pages, no proxies' forms. */
import type { IncomingMessage } from 'node:http'
import { badRequest, type Failure, forbidden } from './errors.ts'
import { shown } from './parameters.ts'

/** Undefined when the request may pass. For every request and every upgrade, before anything else is looked at. */
export function guard(request: IncomingMessage): Failure | undefined {
  if (!request.url?.startsWith('/')) return badRequest('the request must name a path')
  return guardHost(request) ?? guardOrigin(request) ?? guardSite(request)
}

function guardHost(request: IncomingMessage): Failure | undefined {
  const hosts = request.rawHeaders.filter(
    (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === 'host',
  )
  const [host] = hosts
  if (host === undefined || hosts.length > 1) return badRequest('the request must carry one Host header')
  return hostsOf(request).includes(host.toLowerCase())
    ? undefined
    : forbidden(`the host ${shown(host)} is not served here`)
}

/** What a client can have called the address that it reached. */
function hostsOf({ socket: { localAddress = '', localPort } }: IncomingMessage): string[] {
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  const names = ['127.0.0.1', 'localhost', '[::1]', address]
  return names.flatMap((name) => [`${name}:${String(localPort)}`, ...(localPort === 80 ? [name] : [])])
}

/** Clients that are no browser send none. */
function guardOrigin({ headers }: IncomingMessage): Failure | undefined {
  const { origin } = headers
  if (origin === undefined || origin === `http://${String(headers.host).toLowerCase()}`) return undefined
  return forbidden(`requests from ${shown(origin)} are not taken`)
}

/** Following a link from elsewhere is all that another site may do; the link carries no credential. */
function guardSite({ headers, method }: IncomingMessage): Failure | undefined {
  const site = headers['sec-fetch-site'] ?? 'none'
  const isLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return site === 'none' || site === 'same-origin' || isLink
    ? undefined
    : forbidden('requests from other sites are not taken')
}

/** Finds the bearer token of a request: in the Authorization header or, since browsers can send none there, in the subprotocols of a WebSocket. */
import type { IncomingMessage } from 'node:http'

const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.'
const WATCH_PROTOCOL = 'v1.watch.orc.dev'

/** Never looks into the URL: addresses end up in histories and logs. */
export function bearerOf(request: IncomingMessage, isUpgrade: boolean): string | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) return /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1]
  return isUpgrade ? tokenIn(request.headers['sec-websocket-protocol'] ?? '') : undefined
}

/** The subprotocol to answer with: never the one that holds the token. */
export function chooseProtocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(WATCH_PROTOCOL)) return WATCH_PROTOCOL
  return [...offered].find((protocol) => !protocol.startsWith(TOKEN_PROTOCOL)) ?? false
}

function tokenIn(protocols: string): string | undefined {
  const found = protocols
    .split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(TOKEN_PROTOCOL))
  return found === undefined ? undefined : Buffer.from(found.slice(TOKEN_PROTOCOL.length), 'base64url').toString()
}

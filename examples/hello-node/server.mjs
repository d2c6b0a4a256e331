// A greeting over HTTP that answers every request it has accepted, even while it is being stopped.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const DRAIN_MS = 900
const MAX_DELAY_MS = 10_000

let inFlight = 0
let stopping = false

const log = (level, msg, fields = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, msg, ...fields }))

/** The one line a person reads when the service cannot start as configured. */
function refuseToStart(reason) {
  console.error(`hello-node: ${reason}`)
  process.exit(2)
}

/** orc injects PORT; by hand it may be left out, then any free port is taken and logged. */
function readPort(text = '0') {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) refuseToStart(`PORT must be a number from 0 to 65535, not "${text}"`)
  return port
}

function sendJson(response, status, body) {
  const payload = Buffer.from(`${JSON.stringify(body)}\n`)
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': payload.length })
  response.end(payload)
}

/** `/?delayMs=500` answers late, so that draining can be watched. */
async function greet(url, response) {
  const delayMs = Math.min(Math.max(Number(url.searchParams.get('delayMs')) || 0, 0), MAX_DELAY_MS)
  if (delayMs > 0) await sleep(delayMs)
  sendJson(response, 200, { message: process.env.GREETING || 'Hello from Node.js', pid: process.pid })
}

async function answer(request, response) {
  const url = new URL(`http://127.0.0.1${request.url}`)
  if (stopping) response.setHeader('connection', 'close')
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendJson(response, 405, { error: 'only GET and HEAD are answered' })
  }
  if (url.pathname === '/') return greet(url, response)
  if (url.pathname === '/health') return sendJson(response, 200, { status: 'ok' })
  return sendJson(response, 404, { error: `nothing at ${url.pathname}` })
}

/** Probes come every few seconds and would fill the log, so healthy ones are not written down. */
function logRequest(request, response, startedAt) {
  if (request.url === '/health' && response.statusCode === 200) return
  log('info', 'request', {
    method: request.method,
    path: request.url,
    status: response.statusCode,
    durationMs: Math.round(performance.now() - startedAt),
  })
}

const server = createServer((request, response) => {
  const startedAt = performance.now()
  inFlight += 1
  response.on('close', () => {
    inFlight -= 1
    logRequest(request, response, startedAt)
    // A kept-alive connection must not hold up the stop once its last request is answered.
    if (stopping) server.closeIdleConnections()
  })
  answer(request, response).catch((error) => {
    log('error', 'request failed', { path: request.url, error: String(error) })
    if (response.headersSent) response.destroy()
    else sendJson(response, 500, { error: 'internal error' })
  })
})

function stop(signal) {
  if (stopping) return
  stopping = true
  log('info', 'stopping', { signal, inFlight })
  const deadline = setTimeout(() => {
    log('warn', 'drain deadline reached, closing what is left', { inFlight, drainMs: DRAIN_MS })
    server.closeAllConnections()
  }, DRAIN_MS)
  server.close(() => {
    clearTimeout(deadline)
    log('info', 'stopped')
    // A request that was cut off may still wait for its delay: do not wait for it.
    process.exit(0)
  })
  server.closeIdleConnections()
}

process.on('SIGTERM', stop)
process.on('SIGINT', stop)

server.on('error', (error) => refuseToStart(`cannot listen: ${error.message}`))
server.listen(readPort(process.env.PORT), '127.0.0.1', () => {
  log('info', 'listening', { url: `http://127.0.0.1:${server.address().port}`, pid: process.pid })
})

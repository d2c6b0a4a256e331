/** All addresses: those of the resource table, those of the server itself, and the pages of the dashboard. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import helmet from 'helmet'
import { RESOURCE_TABLE } from '../resources/table.ts'
import { send } from './answer.ts'
import { PATHS } from './authorize.ts'
import type { PageHandler } from './dashboard.ts'
import { noWebSocket, type Arrival, type Endpoint } from './endpoint.ts'
import { badRequest, internalError } from './errors.ts'
import { guard } from './guards.ts'
import { routesOf } from './routes.ts'
import type { PathOperation } from './system-routes.ts'

export interface RouterOptions {
  readonly endpoint: Endpoint
  /** By path; each is in `PATHS` too. */
  readonly paths: Readonly<Record<string, PathOperation>>
  readonly pages: PageHandler
}

export function createRouter({ endpoint, paths, pages }: RouterOptions): Express {
  const app = express()
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing')
  app.set('query parser', false)
  app.use(SECURITY_HEADERS, admit)
  for (const route of RESOURCE_TABLE.flatMap(routesOf)) {
    app.all(route.path, (request, response) => endpoint.serveRoute(route, arrivalOf(request, response)))
  }
  for (const [path, run] of Object.entries(paths)) {
    app.all(path, (request, response) => servePath(endpoint, arrivalOf(request, response), run))
  }
  app.use((request: Request, response: Response) => {
    const isPage = ['GET', 'HEAD'].includes(request.method) && !isApiPath(request.path) && !request.headers.upgrade
    if (isPage) {
      pages(request, response)
      return undefined
    }
    return servePath(endpoint, arrivalOf(request, response), undefined)
  })
  return app.use(onError)
}

const SECURITY_HEADERS = helmet({
  // For everything but the dashboard, which says its own: nothing that the API answers is a page.
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  xFrameOptions: { action: 'deny' },
  // Means HTTPS only.
  strictTransportSecurity: false,
})

function admit(request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-cache, private')
  const refused = guard(request)
  if (refused === undefined) next()
  else send(response, refused)
}

/** The first segments of what is or will be the API; all other addresses belong to the dashboard. */
const API_ROOTS: readonly string[] = ['api', 'apis', 'openapi', 'metrics', ...Object.keys(PATHS).map(rootOf)]

function isApiPath(path: string): boolean {
  return API_ROOTS.includes(rootOf(path))
}

function rootOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** `run` is undefined for an unknown address: `authorize` refuses it. */
function servePath(endpoint: Endpoint, arrival: Arrival, run: PathOperation | undefined): Promise<void> {
  const { path, request } = arrival
  const known = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined
  const method = request.method === 'HEAD' ? 'GET' : String(request.method)
  const attributes =
    known === undefined || known.method === method
      ? { type: 'Path' as const, path, method }
      : { type: 'NoMethod' as const, path, allowed: [known.method] }
  return endpoint.serve(attributes, arrival, (call) => {
    if (run === undefined) throw new Error('an unknown address was let through')
    return call.upgrade === undefined ? run(call) : noWebSocket()
  })
}

function arrivalOf(request: Request, response: Response): Arrival {
  const { originalUrl, path, params } = request
  const at = originalUrl.indexOf('?')
  return { request, response, path, params, query: new URLSearchParams(at < 0 ? '' : originalUrl.slice(at + 1)) }
}

/** What express itself refuses, above all escapes in an address that stand for nothing. */
function onError(error: unknown, _: Request, response: Response, next: NextFunction): void {
  if (error instanceof URIError) send(response, badRequest('the address is not valid'))
  else if (response.headersSent) next(error)
  else send(response, internalError())
}

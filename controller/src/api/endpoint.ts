/** The way of every request: who is it, may he, then the operation; whatever goes wrong becomes a Status. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../log.ts'
import { send } from './answer.ts'
import { authorize, type Attributes } from './authorize.ts'
import { bearerOf } from './bearer.ts'
import type { Answer, ApiContext, Call } from './call.ts'
import type { Credentials, User } from './credentials.ts'
import { badRequest, Failure, internalError } from './errors.ts'
import { shown } from './parameters.ts'
import { actionFor, methodsOf, type Route } from './routes.ts'
import type { Upgrade } from './websocket.ts'

export interface EndpointOptions {
  readonly context: ApiContext
  readonly credentials: Credentials
  readonly log: Log
  /** There when the request wants a WebSocket. */
  upgradeOf(request: IncomingMessage): Upgrade | undefined
}

/** A request as far as it is known before anybody has asked who sends it. */
export interface Arrival {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly query: URLSearchParams
  readonly params: Readonly<Record<string, unknown>>
}

export class Endpoint {
  readonly #options: EndpointOptions

  constructor(options: EndpointOptions) {
    this.#options = options
  }

  /** A route of the resource table. */
  async serveRoute(route: Route, arrival: Arrival): Promise<void> {
    const { request, query, path } = arrival
    const action = actionFor(route, request.method ?? '', query)
    const attributes: Attributes =
      action === undefined
        ? { type: 'NoMethod', path, allowed: methodsOf(route) }
        : { type: 'Resource', verb: action.verb, ...namesOf(route), ...textParams(arrival.params) }
    await this.serve(attributes, arrival, (call) => {
      if (action === undefined) throw new Error('a method without action was let through')
      if (call.upgrade !== undefined && action.verb !== 'watch') return noWebSocket()
      return action.run(this.#options.context, route.resource, call)
    })
  }

  /** Any other address; `run` is called for those who may. */
  async serve(attributes: Attributes, arrival: Arrival, run: (call: Call) => Answer | Promise<Answer>): Promise<void> {
    const { request, response, path } = arrival
    try {
      const answer = await this.#answer(attributes, arrival, run)
      if (answer !== 'Streamed') send(response, answer)
    } catch (error) {
      // Without the query: it may hold what does not belong into a log.
      this.#options.log.error(`${String(request.method)} ${path} failed`, error)
      send(response, internalError())
    }
  }

  #answer(
    attributes: Attributes,
    { request, response, query, params }: Arrival,
    run: (call: Call) => Answer | Promise<Answer>,
  ): Answer | Promise<Answer> {
    const upgrade = this.#options.upgradeOf(request)
    const user = this.#userOf(request, upgrade)
    const refused = authorize(user, attributes)
    if (refused !== undefined) return refused
    const names = checkNames(textParams(params))
    if (names instanceof Failure) return names
    return run({ request, response, query, params: names, user, upgrade })
  }

  #userOf(request: IncomingMessage, upgrade: Upgrade | undefined): User | undefined {
    const token = bearerOf(request, upgrade !== undefined)
    return token === undefined ? undefined : this.#options.credentials.authenticate(token)
  }
}

export function noWebSocket(): Failure {
  return badRequest('only watches are served over WebSockets')
}

function namesOf({ resource: { name }, subresource }: Route) {
  return { group: name.group, resource: name.plural, ...(subresource !== undefined && { subresource }) }
}

function textParams({ namespace, name }: Readonly<Record<string, unknown>>): Call['params'] {
  return {
    ...(typeof namespace === 'string' && { namespace }),
    ...(typeof name === 'string' && { name }),
  }
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

/** No object has another name: what looks like a path, a trick or a mistake is told so. */
function checkNames(params: Call['params']): Call['params'] | Failure {
  const { namespace, name } = params
  if (namespace !== undefined && !LABEL.test(namespace))
    return badRequest(`${shown(namespace)} is no name of a namespace`)
  return name === undefined || SUBDOMAIN.test(name) ? params : badRequest(`${shown(name)} is no name of an object`)
}

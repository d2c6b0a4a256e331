/** The way of every request: who is it, may he, then the operation; whatever goes wrong becomes a Status. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../log.ts'
import type { MutationLog } from '../ports/history.ts'
import { send } from './answer.ts'
import { authorize, type Attributes } from './authorize.ts'
import { bearerOf } from './bearer.ts'
import type { Answer, Call, ServerContext } from './call.ts'
import type { Credentials, User } from './credentials.ts'
import { badRequest, Failure, internalError } from './errors.ts'
import { shown } from './parameters.ts'
import { actionFor, methodsOf, type Action, type Route } from './routes.ts'
import { Trail } from './trail.ts'
import type { Upgrade } from './websocket.ts'

export interface EndpointOptions {
  readonly context: ServerContext
  readonly credentials: Credentials
  readonly mutations: MutationLog
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
    if (action === undefined) {
      const { refusal: why } = route
      const attributes = {
        type: 'NoMethod',
        path,
        allowed: methodsOf(route),
        ...(why !== undefined && { why }),
      } as const
      await this.serve(attributes, arrival, () => {
        throw new Error('a method without action was let through')
      })
      return
    }
    const params = textParams(arrival.params)
    const attributes: Attributes = { type: 'Resource', verb: action.verb, ...namesOf(route), ...params }
    const trail = this.#trailOf(route, action, params)
    const run = (call: Call): Answer | Promise<Answer> => {
      if (call.upgrade !== undefined && action.verb !== 'watch') return noWebSocket()
      return action.run({ ...this.#options.context, trail }, route.resource, call)
    }
    await this.serve(attributes, arrival, run, (answer) => {
      trail.end(answer, () => this.#userOf(request))
    })
  }

  #trailOf({ resource, subresource }: Route, { verb }: Action, params: Call['params']): Trail {
    const { context, mutations } = this.#options
    return new Trail(mutations, context.clock, { verb, kind: resource.name.kind, subresource, ...params })
  }

  /** Any other address; `run` is called for those who may, `onAnswer` hears what is about to be answered. */
  async serve(
    attributes: Attributes,
    arrival: Arrival,
    run: (call: Call) => Answer | Promise<Answer>,
    onAnswer: (answer: Answer) => void = () => undefined,
  ): Promise<void> {
    const { request, response, path } = arrival
    const answer = await Promise.resolve()
      .then(() => this.#answer(attributes, arrival, run))
      .catch((error: unknown) => {
        // Without the query: it may hold what does not belong into a log.
        this.#options.log.error(`${String(request.method)} ${path} failed`, error)
        return internalError()
      })
    onAnswer(answer)
    if (answer !== 'Streamed') send(response, answer)
  }

  #answer(
    attributes: Attributes,
    { request, response, query, params }: Arrival,
    run: (call: Call) => Answer | Promise<Answer>,
  ): Answer | Promise<Answer> {
    const upgrade = this.#options.upgradeOf(request)
    const user = this.#userOf(request)
    const refused = authorize(user, attributes)
    if (refused !== undefined) return refused
    const names = checkNames(textParams(params))
    if (names instanceof Failure) return names
    return run({ request, response, query, params: names, user, upgrade })
  }

  #userOf(request: IncomingMessage): User | undefined {
    const token = bearerOf(request, this.#options.upgradeOf(request) !== undefined)
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

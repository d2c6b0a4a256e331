/** How the API says no: metav1.Status, with the codes, reasons and sentences that Kubernetes clients know. */
import type { ResourceName, Status } from '@orc/schemas'
import type { WriteRefusal } from '../ports/object-writer.ts'

type Details = NonNullable<Status['details']> & { readonly retryAfterSeconds?: number }
type Headers = Readonly<Record<string, string>>

/** A refused request, as data: functions return it in place of their result. */
export class Failure {
  readonly status: Status
  readonly headers: Headers

  constructor(code: number, reason: string, message: string, more: { details?: Details; headers?: Headers } = {}) {
    const { details, headers = {} } = more
    this.headers = headers
    this.status = {
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details !== undefined && { details }),
      code,
    }
  }
}

export function badRequest(message: string): Failure {
  return new Failure(400, 'BadRequest', message)
}

export function unauthorized(): Failure {
  return new Failure(401, 'Unauthorized', 'Unauthorized', { headers: { 'WWW-Authenticate': 'Bearer' } })
}

export function forbidden(message: string): Failure {
  return new Failure(403, 'Forbidden', message)
}

export function notFound(resource: ResourceName, name: string): Failure {
  return new Failure(404, 'NotFound', `${qualified(resource, name)} not found`, { details: detailsOf(resource, name) })
}

export function unknownPath(): Failure {
  return new Failure(404, 'NotFound', 'the server could not find the requested resource')
}

export function methodNotAllowed(allowed: readonly string[], why?: string): Failure {
  const message = why ?? 'the server does not allow this method on the requested resource'
  return new Failure(405, 'MethodNotAllowed', message, { headers: { Allow: allowed.join(', ') } })
}

export function notAcceptable(): Failure {
  return new Failure(406, 'NotAcceptable', 'only application/json and its Table form (meta.k8s.io, v1) are produced')
}

export function noFile(resource: ResourceName, name: string): Failure {
  const message = `${qualified(resource, name)} is in no manifest file: there is no as=Manifest of it`
  return new Failure(406, 'NotAcceptable', message)
}

export function tooLarge(limit: number): Failure {
  return new Failure(413, 'RequestEntityTooLarge', `the body of the request is larger than ${String(limit)} bytes`)
}

export function unsupportedMediaType(accepted: readonly string[]): Failure {
  const list = accepted.join(', ')
  const message = `the body of the request was in an unknown format - accepted media types include: ${list}`
  return new Failure(415, 'UnsupportedMediaType', message)
}

export function conflict(resource: ResourceName, name: string, message: string): Failure {
  return new Failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(resource, name)}: ${message}`, {
    details: detailsOf(resource, name),
  })
}

/** What the client knows is too old to go on from: it must list again. */
export function expired(message: string): Failure {
  return new Failure(410, 'Expired', message)
}

export function invalid(message: string, field: string): Failure {
  return new Failure(422, 'Invalid', message, { details: { causes: [causeOf({ field, message })] } })
}

export function tooMany(message: string, retryAfterSeconds: number): Failure {
  return new Failure(429, 'TooManyRequests', message, {
    details: { retryAfterSeconds },
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}

export function internalError(): Failure {
  return new Failure(500, 'InternalError', "Internal error occurred: see the controller's log")
}

/** For now: the same request may be answered later. */
export function unavailable(message: string): Failure {
  return new Failure(503, 'ServiceUnavailable', message)
}

export function unknownVersion(asked: string, latest: string): Failure {
  const message = `Too large resource version: ${asked}, current: ${latest}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' }]
  return new Failure(504, 'Timeout', message, {
    details: { causes, retryAfterSeconds: 1 },
    headers: { 'Retry-After': '1' },
  })
}

/** The writer's refusal in the words of the API. */
export function refusedWrite(resource: ResourceName, name: string, refusal: WriteRefusal): Failure {
  const details = detailsOf(resource, name)
  switch (refusal.reason) {
    case 'NotFound':
      return notFound(resource, name)
    case 'AlreadyExists':
      return new Failure(409, 'AlreadyExists', `${qualified(resource, name)} already exists`, { details })
    case 'Conflict':
      return conflict(resource, name, refusal.message)
    case 'Forbidden':
      return new Failure(403, 'Forbidden', `${qualified(resource, name)} is forbidden: ${refusal.message}`, { details })
    case 'Invalid': {
      const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`
      return new Failure(422, 'Invalid', `${kind} ${JSON.stringify(name)} is invalid: ${refusal.message}`, {
        // Here, and only here, Kubernetes names the kind and not the plural.
        details: { ...details, kind: resource.kind, causes: refusal.causes.map(causeOf) },
      })
    }
  }
}

/** `agentservices.orc.dev "name"`. */
export function qualified({ plural, group }: ResourceName, name: string): string {
  return `${group === '' ? plural : `${plural}.${group}`} ${JSON.stringify(name)}`
}

function causeOf({ field, message }: { field: string; message: string }) {
  return { reason: 'FieldValueInvalid', message, field }
}

function detailsOf({ plural, group }: ResourceName, name: string): Details {
  return { name, ...(group !== '' && { group }), kind: plural }
}

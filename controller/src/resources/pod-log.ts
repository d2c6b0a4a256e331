/** What the process of a pod wrote, as bytes, at once or as they come. */
import { DEFAULT_NAMESPACE, ORDINAL_LABEL, SERVICE_LABEL, type Pod } from '@orc/schemas'
import { badRequest, Failure } from '../api/errors.ts'
import { readBoolean, readCount, shown } from '../api/parameters.ts'
import type { LogRequest } from '../ports/pod-logs.ts'
import type { StreamRequest, StreamSubresource } from './resource.ts'

export const LOG: StreamSubresource<Pod> = {
  type: 'Stream',
  name: 'log',
  verbs: ['get'],
  contentType: 'text/plain',
  open: openLog,
}

async function openLog(request: StreamRequest<Pod>): Promise<AsyncIterable<Uint8Array> | Failure> {
  const wanted = logRequestOf(request)
  if (wanted instanceof Failure) return wanted
  const pieces = await request.rooms.podLogs.open(wanted, request.signal)
  return pieces ?? nothingToRead(request.object, wanted)
}

function logRequestOf({ object, query }: StreamRequest<Pod>): LogRequest | Failure {
  const values = {
    follow: readBoolean(query, 'follow'),
    previous: readBoolean(query, 'previous'),
    timestamps: readBoolean(query, 'timestamps'),
    tailLines: readCount(query, 'tailLines'),
    limitBytes: readCount(query, 'limitBytes'),
    sinceMs: readSince(query),
  }
  const failure = Object.values(values).find((value) => value instanceof Failure)
  if (failure !== undefined) return failure
  const { namespace = DEFAULT_NAMESPACE, labels } = object.metadata
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  return {
    namespace,
    service: labels?.[SERVICE_LABEL] ?? '',
    ordinal: Number(labels?.[ORDINAL_LABEL]),
    ...(given as Pick<LogRequest, 'follow' | 'previous' | 'timestamps'>),
  }
}

/** `sinceSeconds` ago or `sinceTime`, as ms since the epoch. */
function readSince(query: URLSearchParams): number | undefined | Failure {
  const seconds = readCount(query, 'sinceSeconds')
  const time = query.get('sinceTime') ?? ''
  if (time === '') return typeof seconds === 'number' ? Date.now() - seconds * 1000 : seconds
  if (seconds !== undefined) return badRequest('give sinceSeconds or sinceTime, not both')
  const ms = /^\d{4}-\d\d-\d\dT/.test(time) ? Date.parse(time) : NaN
  return Number.isNaN(ms) ? badRequest(`sinceTime must be a time as RFC 3339 writes it; got ${shown(time)}`) : ms
}

function nothingToRead(pod: Pod, { previous }: LogRequest): Failure {
  const { name } = pod.metadata
  const container = JSON.stringify(pod.spec.containers[0].name)
  if (previous) return badRequest(`previous terminated container ${container} in pod ${JSON.stringify(name)} not found`)
  return badRequest(`container ${container} in pod ${JSON.stringify(name)} is waiting to start: ${pod.status.reason}`)
}

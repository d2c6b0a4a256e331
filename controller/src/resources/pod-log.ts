/** What the process of a pod wrote, as bytes, at once or as they come. */
import { DEFAULT_NAMESPACE, ORDINAL_LABEL, SERVICE_LABEL, type Pod } from '@orc/schemas'
import { badRequest, Failure } from '../api/errors.ts'
import { readBoolean, readCount } from '../api/parameters.ts'
import type { LogRequest } from '../ports/pod-logs.ts'
import type { StreamRequest, StreamSubresource } from './resource.ts'

export const LOG: StreamSubresource<Pod> = {
  type: 'Stream',
  name: 'log',
  verbs: ['get'],
  contentType: 'text/plain',
  open: openLog,
}

/** Ignoring one of these would answer with more than was asked for. */
const NOT_YET = ['sinceSeconds', 'sinceTime', 'limitBytes']

async function openLog(request: StreamRequest<Pod>): Promise<AsyncIterable<Uint8Array> | Failure> {
  const wanted = logRequestOf(request)
  if (wanted instanceof Failure) return wanted
  const pieces = await request.rooms.podLogs.open(wanted, request.signal)
  return pieces ?? nothingToRead(request.object, wanted)
}

function logRequestOf({ object, query }: StreamRequest<Pod>): LogRequest | Failure {
  const unknown = NOT_YET.find((name) => query.has(name))
  if (unknown !== undefined) return badRequest(`${unknown} is not supported yet; tailLines is`)
  const follow = readBoolean(query, 'follow')
  if (follow instanceof Failure) return follow
  const previous = readBoolean(query, 'previous')
  if (previous instanceof Failure) return previous
  const tailLines = readCount(query, 'tailLines')
  if (tailLines instanceof Failure) return tailLines
  const { namespace = DEFAULT_NAMESPACE, labels } = object.metadata
  return {
    namespace,
    service: labels?.[SERVICE_LABEL] ?? '',
    ordinal: Number(labels?.[ORDINAL_LABEL]),
    follow,
    previous,
    ...(tailLines !== undefined && { tailLines }),
  }
}

function nothingToRead(pod: Pod, { previous }: LogRequest): Failure {
  const { name } = pod.metadata
  const container = JSON.stringify(pod.spec.containers[0].name)
  if (previous) return badRequest(`previous terminated container ${container} in pod ${JSON.stringify(name)} not found`)
  return badRequest(`container ${container} in pod ${JSON.stringify(name)} is waiting to start: ${pod.status.reason}`)
}

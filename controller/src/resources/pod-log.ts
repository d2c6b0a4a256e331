/** What the process of a pod wrote, as bytes, at once or as they come. */
import { DEFAULT_NAMESPACE, ORDINAL_LABEL, SERVICE_LABEL, type Pod } from '@orc/schemas'
import { badRequest, Failure } from '../api/errors.ts'
import { readBoolean, readCount, readTime, shown } from '../api/parameters.ts'
import { LOG_LEVELS, type LogLevel, type LogRequest } from '../ports/pod-logs.ts'
import type { StreamRequest, StreamSubresource } from './resource.ts'

const LONGEST_GREP = 256

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
    untilMs: readTime(query, 'untilTime'),
    grep: readGrep(query),
    level: readLevel(query),
  }
  const failure = Object.values(values).find((value) => value instanceof Failure)
  if (failure !== undefined) return failure
  if (values.follow === true && values.untilMs !== undefined) return badRequest('give follow or untilTime, not both')
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
  const time = readTime(query, 'sinceTime')
  if (time === undefined) return typeof seconds === 'number' ? Date.now() - seconds * 1000 : seconds
  return seconds === undefined ? time : badRequest('give sinceSeconds or sinceTime, not both')
}

function readGrep(query: URLSearchParams): string | undefined | Failure {
  const text = query.get('grep') ?? ''
  if (text === '') return undefined
  return text.length <= LONGEST_GREP && !text.includes('\n')
    ? text
    : badRequest(`grep must be part of one line, of up to ${String(LONGEST_GREP)} characters; got ${shown(text)}`)
}

function readLevel(query: URLSearchParams): LogLevel | undefined | Failure {
  const text = query.get('level') ?? ''
  if (text === '') return undefined
  const level = LOG_LEVELS.find((each) => each === text)
  return level ?? badRequest(`level must be one of ${LOG_LEVELS.join(', ')}; got ${shown(text)}`)
}

function nothingToRead(pod: Pod, { previous }: LogRequest): Failure {
  const { name } = pod.metadata
  const container = JSON.stringify(pod.spec.containers[0].name)
  if (previous) return badRequest(`previous terminated container ${container} in pod ${JSON.stringify(name)} not found`)
  return badRequest(`container ${container} in pod ${JSON.stringify(name)} is waiting to start: ${pod.status.reason}`)
}

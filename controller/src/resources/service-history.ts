/** What is remembered of one service: samples over time, runs that ended, and failures that are alike. */
import {
  apiVersionOf,
  DEFAULT_NAMESPACE,
  RESOURCES,
  type AgentService,
  type EndedRun,
  type KubeObject,
  type ServiceFailures,
  type ServiceRuns,
  type ServiceSamples,
} from '@orc/schemas'
import { badRequest, Failure, unavailable } from '../api/errors.ts'
import { readCount, readDuration, readMoment } from '../api/parameters.ts'
import type { RememberedRun, ServiceIdentity, Span } from '../ports/service-history.ts'
import type { QuerySubresource } from './resource.ts'

const DAY_MS = 24 * 3_600_000
const RUNS = { default: 50, most: 500 } as const
const FAILURES_SINCE_MS = 7 * DAY_MS
const apiVersion = apiVersionOf(RESOURCES.agentservices) as 'orc.dev/v1alpha1'

export const SAMPLES: QuerySubresource<AgentService> = {
  type: 'Query',
  name: 'samples',
  verbs: ['get'],
  answer: async ({ object, query, rooms, wallMs }) => {
    const span = readSpan(query, wallMs)
    if (span instanceof Failure) return span
    const series = await rooms.history.samples(identityOf(object), span)
    if (series === undefined) return notNow()
    return {
      ...{ apiVersion, kind: 'ServiceSamples', metadata: metadataOf(object) },
      ...{ since: timeOf(span.sinceMs), until: timeOf(span.untilMs), stepSeconds: series.stepMs / 1000 },
      points: series.points,
    } satisfies ServiceSamples
  },
}

export const RUNS_ENDED: QuerySubresource<AgentService> = {
  type: 'Query',
  name: 'runs',
  verbs: ['get'],
  answer: async ({ object, query, rooms, wallMs }) => {
    const limit = readCount(query, 'limit') ?? RUNS.default
    if (limit instanceof Failure) return limit
    if (limit < 1 || limit > RUNS.most) return badRequest(`limit must be from 1 to ${String(RUNS.most)}`)
    const sinceMs = readMoment(query, 'since', wallMs) ?? 0
    if (sinceMs instanceof Failure) return sinceMs
    const runs = await rooms.history.runs(identityOf(object), sinceMs, limit)
    if (runs === undefined) return notNow()
    return {
      ...{ apiVersion, kind: 'ServiceRuns', metadata: metadataOf(object) },
      items: runs.map(shownRun),
    } satisfies ServiceRuns
  },
}

export const FAILURES: QuerySubresource<AgentService> = {
  type: 'Query',
  name: 'failures',
  verbs: ['get'],
  answer: async ({ object, query, rooms, wallMs }) => {
    const sinceMs = readMoment(query, 'since', wallMs) ?? wallMs - FAILURES_SINCE_MS
    if (sinceMs instanceof Failure) return sinceMs
    const items = await rooms.history.failures(identityOf(object), sinceMs)
    if (items === undefined) return notNow()
    return {
      ...{ apiVersion, kind: 'ServiceFailures', metadata: metadataOf(object) },
      ...{ since: timeOf(sinceMs), items },
    } satisfies ServiceFailures
  },
}

/** `since` and `until` (a time, or a length of time before now) and `step`; a day until now when nothing is said. */
export function readSpan(query: URLSearchParams, wallMs: number): Span | Failure {
  const untilMs = readMoment(query, 'until', wallMs) ?? wallMs
  if (untilMs instanceof Failure) return untilMs
  const sinceMs = readMoment(query, 'since', wallMs) ?? untilMs - DAY_MS
  if (sinceMs instanceof Failure) return sinceMs
  const stepMs = readDuration(query, 'step')
  if (stepMs instanceof Failure) return stepMs
  if (sinceMs >= untilMs) return badRequest('since must be before until')
  return { sinceMs, untilMs, ...(stepMs !== undefined && { stepMs }) }
}

export function notNow(): Failure {
  return unavailable('history cannot be read now; the log of the controller may say why')
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

function identityOf({ metadata }: AgentService): ServiceIdentity {
  const { namespace = DEFAULT_NAMESPACE, name, uid = '' } = metadata
  return { namespace, service: name, uid }
}

function metadataOf({ metadata: { name, namespace, uid } }: KubeObject): KubeObject['metadata'] {
  return { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) }
}

function shownRun(run: RememberedRun): EndedRun {
  const { runId, ordinal, seq, incarnation, revision, exitCode, signal, reason, lastLines, fingerprint } = run
  return {
    ...{ runId, ordinal, run: seq, incarnation, revision, exitCode },
    ...(signal !== undefined && { signal }),
    ...{ reason, startedAt: timeOf(run.startedAtMs), finishedAt: timeOf(run.finishedAtMs) },
    ...(lastLines !== undefined && { message: lastLines }),
    ...(fingerprint !== '' && { fingerprint }),
  }
}

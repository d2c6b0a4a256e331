/** What the page of logs shows, as its address says it. Pure. */
import type { LogLevel, LogOptions } from '@orc/sdk/client'

export interface LogQuery {
  /** `namespace/name` of services, in the order of their lanes. */
  readonly services: readonly string[]
  /** Also the run before the present one. */
  readonly hasPrevious: boolean
  readonly range: LogRange
  /** RFC 3339; with `until` nothing is followed. */
  readonly since: string | undefined
  readonly until: string | undefined
  readonly level: LogLevel | undefined
  /** Highlighted. */
  readonly search: string
  /** Only lines with the searched words, letter by letter. */
  readonly isOnlyMatches: boolean
  /** The moment to show first (RFC 3339). */
  readonly at: string | undefined
}

/** How far back, where neither `since` nor `at` says it. */
export type LogRange = 'tail' | '5m' | '1h' | '1d' | 'all'

const MINUTE_SECONDS = 60
const RANGES: Readonly<Record<LogRange, LogOptions>> = {
  tail: { tailLines: 10_000 },
  '5m': { sinceSeconds: 5 * MINUTE_SECONDS },
  '1h': { sinceSeconds: 60 * MINUTE_SECONDS },
  '1d': { sinceSeconds: 24 * 60 * MINUTE_SECONDS },
  all: {},
}
const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
/** So much before a moment is shown with it. */
const BEFORE_MS = 15 * 60_000
const DEFAULT_NAMESPACE = 'default'

export function parseLogQuery(parameters: URLSearchParams): LogQuery {
  const at = timeIn(parameters, 'at')
  return {
    services: [
      ...new Set(
        parameters
          .getAll('service')
          .filter((name) => name !== '')
          .map(withNamespace),
      ),
    ],
    hasPrevious: parameters.get('previous') === 'true' || at !== undefined,
    range: (Object.keys(RANGES).find((range) => range === parameters.get('range')) as LogRange | undefined) ?? 'tail',
    since: timeIn(parameters, 'since'),
    until: timeIn(parameters, 'until'),
    level: LEVELS.find((level) => level === parameters.get('level')),
    search: parameters.get('q') ?? '',
    isOnlyMatches: parameters.get('only') === 'true',
    at,
  }
}

/** The shortest address; what is as usual is left out. */
export function formatLogQuery(query: LogQuery): string {
  const { services, hasPrevious, range, since, until, level, search, isOnlyMatches, at } = query
  const pairs: [string, string | undefined][] = [
    ...services.map((service): [string, string] => ['service', service]),
    ['previous', hasPrevious && at === undefined ? 'true' : undefined],
    ['range', range === 'tail' ? undefined : range],
    ['since', since],
    ['until', until],
    ['level', level],
    ['q', search || undefined],
    ['only', isOnlyMatches ? 'true' : undefined],
    ['at', at],
  ]
  const given = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined)
  // A slash and a colon mean nothing in a query: addresses are read by people too.
  return new URLSearchParams(given).toString().replaceAll('%2F', '/').replaceAll('%3A', ':')
}

/** What is asked of the server for each replica. */
export function logOptionsOf(query: LogQuery): LogOptions {
  const { level, search, isOnlyMatches, until } = query
  return {
    ...boundsOf(query),
    ...(until !== undefined && { untilTime: until }),
    ...(level !== undefined && { level }),
    ...(isOnlyMatches && search !== '' && { grep: search }),
  }
}

function boundsOf({ range, since, at, until }: LogQuery): LogOptions {
  if (since !== undefined) return { sinceTime: since }
  if (at !== undefined) return { sinceTime: new Date(Date.parse(at) - BEFORE_MS).toISOString() }
  return until !== undefined && range === 'tail' ? {} : RANGES[range]
}

/** Two queries that are answered by the same lines have the same. */
export function linesKeyOf(query: LogQuery): string {
  return JSON.stringify([query.services, query.hasPrevious, logOptionsOf(query)])
}

function withNamespace(service: string): string {
  return service.includes('/') ? service : `${DEFAULT_NAMESPACE}/${service}`
}

function timeIn(parameters: URLSearchParams, name: string): string | undefined {
  const ms = Date.parse(parameters.get(name) ?? '')
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

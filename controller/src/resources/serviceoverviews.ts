/** ServiceOverviews: how all services have been doing lately, for bars and small curves; from history. */
import { apiVersionOf, keyOf, RESOURCES, type ServiceOverview } from '@orc/schemas'
import { badRequest, Failure } from '../api/errors.ts'
import type { Overview, OverviewRow } from '../ports/service-history.ts'
import { NAME_COLUMN } from './columns.ts'
import type { ListRequest, Resource } from './resource.ts'
import { notNow, readSpan, timeOf } from './service-history.ts'

const DAY_MS = 24 * 3_600_000
/** Every hour of every service is read. */
const LONGEST_DAYS = 7

export const serviceoverviews: Resource<ServiceOverview> = {
  name: RESOURCES.serviceoverviews,
  verbs: ['get', 'list'],
  storage: 'Projected',
  list: listOverviews,
  columns: [
    NAME_COLUMN,
    {
      name: 'Uptime',
      type: 'string',
      description: 'Share of the time in which wanted replicas were ready.',
      cell: ({ uptimeShare }) => (uptimeShare === undefined ? '' : `${String(Math.floor(uptimeShare * 1e4) / 100)}%`),
    },
    {
      name: 'Restarts',
      type: 'integer',
      format: 'int32',
      description: 'Restarts in that time.',
      cell: ({ restarts }) => restarts,
    },
  ],
}

async function listOverviews({
  namespace,
  query,
  rooms,
  wallMs,
}: ListRequest): Promise<readonly ServiceOverview[] | Failure> {
  const span = readSpan(query, wallMs)
  if (span instanceof Failure) return span
  if (span.untilMs - span.sinceMs > LONGEST_DAYS * DAY_MS)
    return badRequest(`since must be at most ${String(LONGEST_DAYS)} days before until`)
  const overview = await rooms.history.overview(namespace, span)
  if (overview === undefined) return notNow()
  return overview.rows
    .filter(({ namespace: place, service, uid }) => {
      const present = rooms.cache.get(keyOf('AgentService', place, service))
      return present?.metadata.uid === uid
    })
    .map((row) => shownOverview(row, overview))
}

function shownOverview(row: OverviewRow, { sinceMs, stepMs }: Overview): ServiceOverview {
  const { namespace, service, uid, uptimeShare, restarts, uptimeShares, cpuCores, memoryBytes } = row
  return {
    apiVersion: apiVersionOf(RESOURCES.serviceoverviews) as ServiceOverview['apiVersion'],
    kind: 'ServiceOverview',
    metadata: { name: service, namespace, uid },
    since: timeOf(sinceMs),
    stepSeconds: stepMs / 1000,
    ...(uptimeShare !== null && { uptimeShare }),
    ...{ restarts, uptimeShares, cpuCores, memoryBytes },
  }
}

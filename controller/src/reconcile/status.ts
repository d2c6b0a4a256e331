/** The counts in the status of a service, from how its replicas stand. Pure. */
import { SERVICE_LABEL, type AgentService } from '@orc/schemas'
import { isLive, type Plan } from '../plan/world.ts'
import type { InForce } from './in-force.ts'
import { toWallTime } from './pod.ts'

/** Without conditions. */
export function statusOf(
  service: AgentService,
  { accepted, rejected }: InForce,
  { replicas, available }: Plan,
  wallOffsetMs: number,
): NonNullable<AgentService['status']> {
  const live = replicas.filter(({ newest }) => newest !== undefined && isLive(newest))
  const retries = replicas.flatMap(({ retryAtMs }) => (retryAtMs === undefined ? [] : [retryAtMs]))
  return {
    observedGeneration: service.metadata.generation ?? 0,
    replicas: live.length,
    readyReplicas: replicas.filter(({ ready }) => ready).length,
    availableReplicas: available,
    updatedReplicas: live.filter(({ newest }) => newest?.record.revision === accepted.revision).length,
    restartCount: replicas.reduce((sum, { restartCount }) => sum + restartCount, 0),
    currentRevision: accepted.revision,
    ...(rejected === undefined ? {} : { rejectedRevision: rejected }),
    selector: `${SERVICE_LABEL}=${service.metadata.name}`,
    ...(retries.length === 0 ? {} : { nextRetryTime: toWallTime(Math.min(...retries), wallOffsetMs) }),
  }
}

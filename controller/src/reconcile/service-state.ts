/** How a service stands at a moment, for whoever draws its past. Pure. */
import { DEFAULT_NAMESPACE, findCondition, type AgentService } from '@orc/schemas'
import type { ServiceState } from '../metrics/service-sampler.ts'

/** Nothing of a service is missed that is ready without a process, that was stopped, or that has done its work. */
const AT_REST: readonly string[] = ['Stopped', 'ScaledToZero', 'Completed']

export function serviceStateOf({ metadata, spec, status }: AgentService): ServiceState {
  const ready = findCondition(status?.conditions, 'Ready')
  return {
    namespace: metadata.namespace ?? DEFAULT_NAMESPACE,
    service: metadata.name,
    uid: metadata.uid ?? '',
    wantedReplicas: ready === undefined || AT_REST.includes(ready.reason) ? 0 : (spec.replicas ?? 1),
    readyReplicas: status?.readyReplicas ?? 0,
    liveReplicas: status?.replicas ?? 0,
    restartCount: status?.restartCount ?? 0,
  }
}

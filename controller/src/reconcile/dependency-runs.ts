/** When what a service depends on began anew, read from the runs of the dependencies: it survives the controller. */
import type { AcceptedSpec } from '@orc/schemas'
import { isLive, type AcceptedService } from '../plan/world.ts'
import type { ObservedRun, ObservedSlot, Runtime, ServiceRef } from '../runtime/runtime.ts'

/** The same service, with the moment before which its own runs are outdated, where it asks for that. */
export function withDependencyRuns(
  accepted: AcceptedService,
  { namespace }: ServiceRef,
  own: readonly ObservedSlot[],
  runtime: Pick<Runtime, 'observe'>,
): AcceptedService {
  const living = own.flatMap(({ runs }) => runs).find(isLive)
  if (accepted.spec.restartPolicyOnDependency === 'None' || living === undefined) return accepted
  const notBeforeMs = latestBeginMs(accepted.spec, namespace, living.record.bootId, runtime)
  return notBeforeMs === undefined ? accepted : { ...accepted, notBeforeMs }
}

function latestBeginMs(
  { dependsOn = [] }: AcceptedSpec,
  home: string,
  bootId: string | undefined,
  runtime: Pick<Runtime, 'observe'>,
): number | undefined {
  const slots = dependsOn.flatMap(({ name, namespace = home }) => runtime.observe({ namespace, name }))
  const begins = slots.flatMap((slot) => slot.runs.filter((run) => isBegin(slot, run)))
  // The boot clock of an earlier boot says nothing.
  const times = begins.filter(({ record }) => record.bootId === bootId).map(({ record }) => record.orderedAtMs)
  return times.length === 0 ? undefined : Math.max(...times)
}

/** A further replica is no new beginning of the service, but each later run of it is. */
function isBegin({ ref }: ObservedSlot, run: ObservedRun): boolean {
  return run.end?.reason !== 'Cancelled' && (ref.ordinal === 0 || run.ref.seq > 1)
}

/** What the replicas of a service are to have of the host. Whether there is room is decided elsewhere, for all services. */
import { parseQuantity, type AcceptedSpec, type Reason } from '@orc/schemas'
import type { ObservedRun, ObservedSlot, Requests, SlotRef } from '../runtime/runtime.ts'
import { deletedIncarnation } from './deletion.ts'
import { reasonToBeDown } from './down.ts'
import { decideRestart, mayRestart } from './restart.ts'
import { planRollout, type Rollout } from './rollout.ts'
import { isLive, type AcceptedService, type World } from './world.ts'

export interface Claim {
  readonly slot: Pick<SlotRef, 'uid' | 'ordinal'>
  /** What it has whether there is room or not, unless it is known to have something else. */
  readonly has?: Requests
  /** What it is to have; absent = nothing more than it has. */
  readonly wants?: Requests
  /** What it has is enough until there is room for what it wants. */
  readonly mayGoOn: boolean
}

export const NOTHING: Requests = { cpuMillis: 0, memoryBytes: 0 }

export function requestsOf({ resources }: AcceptedSpec): Requests {
  const { cpu, memory } = resources?.requests ?? {}
  return {
    cpuMillis: cpu === undefined ? 0 : Math.ceil((parseQuantity(cpu) ?? 0) * 1000),
    memoryBytes: memory === undefined ? 0 : Math.ceil(parseQuantity(memory) ?? 0),
  }
}

/**
 * A replica without a claim has nothing. `recalls`: nothing is known yet of what was reserved, so that what has ended
 * and comes again counts as it is recorded.
 */
export function claimsOf(world: World, recalls: boolean): readonly Claim[] {
  const { accepted, slots } = world
  const rollout = accepted === undefined ? undefined : planRollout(world, accepted)
  const count = rollout?.slots ?? 0
  const wanted =
    accepted === undefined || rollout === undefined
      ? []
      : Array.from({ length: count }, (_, ordinal) => claimOf(world, accepted, { ordinal, rollout, recalls }))
  const unwanted = slots.filter(({ ref }) => ref.uid !== accepted?.uid || ref.ordinal >= count)
  return [...wanted.flat(), ...unwanted.flatMap((slot) => leftoverClaim(slot))]
}

function leftoverClaim({ ref, runs }: ObservedSlot): readonly Claim[] {
  const live = runs.find(isLive)
  return live === undefined ? [] : [{ slot: ref, has: recordedFor(live, undefined), mayGoOn: true }]
}

interface Place {
  readonly ordinal: number
  readonly rollout: Rollout
  readonly recalls: boolean
}

function claimOf(world: World, accepted: AcceptedService, place: Place): readonly Claim[] {
  const { uid, spec } = accepted
  const { ordinal } = place
  const own = world.slots.find(({ ref }) => ref.uid === uid && ref.ordinal === ordinal)
  const live = own?.runs.find(isLive)
  if (live !== undefined) return [liveClaim(world, accepted, live, place.rollout)]
  const last = own?.runs.at(-1)
  if (reasonToBeDown(world, accepted) !== undefined) return []
  const decision = decideRestart(last, accepted, spec, world.nowMs, deletedIncarnation(world, ordinal))
  if (decision.type === 'StayDown') return []
  const slot = { uid, ordinal }
  const has = place.recalls && last !== undefined ? recalled(last, accepted) : undefined
  const mayGoOn = last?.record.revision === accepted.revision
  const claim: Claim = { slot, mayGoOn, ...(has === undefined ? {} : { has }) }
  // What others wait for must not be kept from them by one that waits for them and never ran.
  if (isUnmet(world) && last === undefined) return []
  const isDue = decision.type === 'Run' && place.rollout.mayStart
  return [isDue && isFree(world, slot) ? { ...claim, wants: requestsOf(spec) } : claim]
}

function liveClaim(world: World, accepted: AcceptedService, live: ObservedRun, rollout: Rollout): Claim {
  const { ref, record } = live
  const target = requestsOf(accepted.spec)
  const has = recordedFor(live, accepted)
  if (reasonToBeDown(world, accepted) !== undefined) return { slot: ref, has, mayGoOn: true }
  if (record.revision === accepted.revision) return { slot: ref, has, wants: target, mayGoOn: true }
  // Room for the one that follows must be there before the old one goes.
  if (rollout.mayReplace.has(ref.ordinal)) return { slot: ref, has, wants: each(Math.max, has, target), mayGoOn: false }
  return { slot: ref, has, mayGoOn: true }
}

function each(choose: (a: number, b: number) => number, a: Requests, b: Requests): Requests {
  return { cpuMillis: choose(a.cpuMillis, b.cpuMillis), memoryBytes: choose(a.memoryBytes, b.memoryBytes) }
}

function isUnmet({ dependencies }: World): boolean {
  return dependencies.some(({ unmet }) => unmet !== undefined)
}

/** Nothing else is waited for: no dependency, and no process that an earlier declaration of the same name left. */
function isFree(world: World, { uid, ordinal }: Claim['slot']): boolean {
  if (isUnmet(world)) return false
  return !world.slots.some(({ ref, runs }) => ref.ordinal === ordinal && ref.uid !== uid && runs.some(isLive))
}

/** Ends after which a replica has to be admitted anew, whatever follows. */
const GIVEN_BACK: readonly Reason[] = [
  ...(['Stopped', 'ScaledDown', 'ServiceDeleted', 'ControllerShutdown'] as const),
  ...(['HostReboot', 'Cancelled'] as const),
]
/** Ends after which another run follows, whatever the restart policy says. */
const REPLACED: readonly Reason[] = [
  'SpecChanged',
  'RestartRequested',
  'ConfigChanged',
  'DependencyRestarted',
  'PodDeleted',
]

function recalled(last: ObservedRun, accepted: AcceptedService): Requests | undefined {
  if (last.end === undefined || GIVEN_BACK.includes(last.end.reason)) return undefined
  const comesAgain = REPLACED.includes(last.end.reason) || mayRestart(accepted.spec.restartPolicy, last.end)
  return comesAgain ? recordedFor(last, accepted) : undefined
}

/** As it was at the start of a run, or less where less has been asked for since; an earlier orc recorded nothing. */
function recordedFor({ record }: ObservedRun, accepted: AcceptedService | undefined): Requests {
  if (accepted === undefined) return record.requests ?? NOTHING
  const target = requestsOf(accepted.spec)
  if (record.requests === undefined) return target
  return record.revision === accepted.revision ? each(Math.min, record.requests, target) : record.requests
}

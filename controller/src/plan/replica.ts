/** One wanted or unwanted replica: what to do with it and how it stands. */
import type { Reason } from '@orc/schemas'
import type { ObservedRun, ObservedSlot } from '../runtime/runtime.ts'
import { followContent } from './content.ts'
import { deletedIncarnation, deletionOfRun } from './deletion.ts'
import { reasonToBeDown } from './down.ts'
import { clearing, endRun } from './ending.ts'
import { hasPostStartFailed, stepOfPostStart } from './hooks.ts'
import { stepOfInit } from './init-commands.ts'
import {
  backoffSentence,
  dependencySentence,
  dependentsSentence,
  endSentence,
  lastWords,
  shortageSentence,
  stoppedSentence,
} from './messages.ts'
import { decideRestart, isOutdated, isSameConfig } from './restart.ts'
import type { Rollout } from './rollout.ts'
import { IN_FLIGHT_MS, waiting, type Standing, type Step } from './step.ts'
import { hasReadiness, isLive, type AcceptedService, type Action, type ReplicaView, type World } from './world.ts'

/** Wait after the n-th refused start in a row: 5 s, 10 s, 20 s, then 30 s. */
const START_RETRY_MS = { first: 5000, most: 30_000 } as const

export interface ReplicaPlan {
  readonly actions: readonly Action[]
  readonly view: ReplicaView
  /** Boot clock. */
  readonly wakeAtMs?: number
}

export function planReplica(world: World, accepted: AcceptedService, ordinal: number, rollout: Rollout): ReplicaPlan {
  const own = world.slots.find((slot) => slot.ref.ordinal === ordinal && slot.ref.uid === accepted.uid)
  const newest = own?.runs.at(-1)
  const lastEnded = own?.runs.findLast((run) => !isLive(run))
  const deleted = deletedIncarnation(world, ordinal)
  // A pod that was deleted is over with its process: what stands at the ordinal then is the next one.
  const isOver = newest === undefined || (!isLive(newest) && newest.record.incarnation <= deleted)
  const step = stepOf(world, accepted, own, { ordinal, rollout })
  return {
    actions: step.actions,
    view: {
      ordinal,
      ready: false,
      ...step.standing,
      incarnation: isOver ? deleted + 1 : newest.record.incarnation,
      ...(isOver ? {} : { newest }),
      ...(lastEnded === undefined ? {} : { lastEnded }),
      restartCount: isOver ? 0 : newest.record.restartCount,
    },
    ...(step.wakeAtMs === undefined ? {} : { wakeAtMs: step.wakeAtMs }),
  }
}

function stepOf(
  world: World,
  accepted: AcceptedService,
  own: ObservedSlot | undefined,
  { ordinal, rollout }: { readonly ordinal: number; readonly rollout: Rollout },
): Step {
  const live = own?.runs.find(isLive)
  const down = reasonToBeDown(world, accepted)
  if (live !== undefined) {
    if (down === 'ControllerShutdown' && live.stop === undefined && world.dependents.length > 0)
      return waiting('Stopping', dependentsSentence(world.dependents), world)
    const why = down ?? reasonToReplace(world, accepted, live, rollout)
    return why === undefined && live.stop === undefined
      ? following(world, accepted, live)
      : end(world, live, why ?? 'Stopped')
  }
  // Another declaration of the same name left a process: the slot is not free before it is gone.
  const leftover = world.slots.find(
    (slot) => slot.ref.ordinal === ordinal && slot.ref.uid !== accepted.uid && slot.runs.some(isLive),
  )
  if (leftover !== undefined)
    return waiting('Stopping', 'Waits until the process of an earlier declaration has ended.', world)
  if (down !== undefined) return rest(world, accepted, down)
  if (!rollout.mayStart) return waiting('Stopping', 'Waits until the replicas of the old revision have ended.', world)
  return startOrWait(world, accepted, ordinal, own?.runs.at(-1))
}

function rest(world: World, { spec }: AcceptedService, down: 'ControllerShutdown' | 'Stopped'): Step {
  if (down === 'ControllerShutdown')
    return { actions: [], standing: { reason: down, message: 'orc is shutting down.' } }
  const message = stoppedSentence(spec.operatingModeReason, spec.operatingModeUntil)
  const standing: Standing = { reason: 'Stopped', message }
  if (spec.operatingModeUntil === undefined) return { actions: [], standing }
  // Looked at again within the hour in any case: the wall clock may be set.
  const leftMs = Math.min(Date.parse(spec.operatingModeUntil) - world.wallMs, 3_600_000)
  return { actions: [], standing, wakeAtMs: world.nowMs + leftMs }
}

function reasonToReplace(
  world: World,
  accepted: AcceptedService,
  run: ObservedRun,
  { mayReplace }: Rollout,
): Reason | undefined {
  if (isOutdated(run.record, accepted) && mayReplace.has(run.ref.ordinal)) return reasonOfChange(run, accepted)
  if (deletionOfRun(world, run) !== undefined) return 'PodDeleted'
  if (run.phase !== 'Running') return undefined
  const breach = world.breaches.get(run.record.runId)
  if (breach?.memory !== undefined) return 'MemoryLimitExceeded'
  if (breach?.cpu !== undefined && accepted.spec.restartPolicyOnCPULimit === 'Restart') return 'CPULimitExceeded'
  if (hasPostStartFailed(world, run)) return 'PostStartFailed'
  return world.probes.get(run.record.runId)?.failed
}

function reasonOfChange({ record }: ObservedRun, accepted: AcceptedService): Reason {
  if (record.revision !== accepted.revision) return 'SpecChanged'
  if (record.restartedAt !== accepted.restartedAt) return 'RestartRequested'
  return isSameConfig(record, accepted) ? 'DependencyRestarted' : 'ConfigChanged'
}

/** Content is handed on beside; no hint tells when a process begins to handle the signal. */
function following(world: World, accepted: AcceptedService, run: ObservedRun): Step {
  const step = watch(world, accepted, run)
  const actions = followContent(accepted, run)
  if (actions.length === 0) return step
  return { ...step, actions: [...step.actions, ...actions], wakeAtMs: world.nowMs + IN_FLIGHT_MS }
}

/** A run that should live and does. */
function watch(world: World, { spec }: AcceptedService, run: ObservedRun): Step {
  if (run.phase === 'Starting') return waiting('Starting', 'The process is being started.', world)
  if (run.phase === 'Ending') return clearing(world, run)
  const greeting = stepOfPostStart(world, run)
  if (greeting !== undefined) return greeting
  const probe = world.probes.get(run.record.runId)
  if (probe?.ready ?? !hasReadiness(spec))
    return { actions: [], standing: { reason: 'Ready', message: 'Ready.', ready: true } }
  const reason = probe?.started === true && probe.message !== '' ? 'ProbeFailed' : 'WaitingForReady'
  const message =
    probe === undefined || probe.message === ''
      ? 'The process runs; its first probe has not been answered yet.'
      : probe.message
  return { actions: [], standing: { reason, message } }
}

/** A run that should not live. */
export function end(world: World, run: ObservedRun, reason: Reason): Step {
  const signal = world.accepted?.spec.stopSignal ?? run.record.stopSignal
  const mostMs = deletionOfRun(world, run)?.graceMs
  return endRun(world, run, { reason, signal, graceMs: mostMs ?? usualGraceMs(world, run), mostMs })
}

function usualGraceMs({ accepted }: World, { record }: ObservedRun): number {
  return accepted === undefined ? record.graceMs : accepted.spec.terminationGracePeriodSeconds * 1000
}

function startOrWait(world: World, accepted: AcceptedService, ordinal: number, last: ObservedRun | undefined): Step {
  const { nowMs } = world
  const failure = world.startFailures.get(ordinal)
  if (failure !== undefined) {
    const waitMs = Math.min(START_RETRY_MS.first * 2 ** Math.min(failure.count - 1, 10), START_RETRY_MS.most)
    const retryAtMs = failure.failedAtMs + waitMs
    const standing: Standing = { reason: failure.reason, message: failure.message, retryAtMs }
    if (nowMs < retryAtMs) return { actions: [], standing, wakeAtMs: retryAtMs }
  }
  const decision = decideRestart(last, accepted, accepted.spec, nowMs, deletedIncarnation(world, ordinal))
  const wait = whatToWaitFor(world, ordinal)
  // It is told of by a hint when that changes.
  if (decision.type === 'Run' && wait !== undefined) return { actions: [], standing: wait }
  if (decision.type === 'Run') {
    const { incarnation, restartCount, failures } = decision
    const before = stepOfInit(world, accepted, { ordinal, incarnation, last })
    if (before !== undefined) return before
    const standing: Standing = failure ?? { reason: 'Starting', message: 'The process is being started.' }
    return {
      actions: [{ type: 'Start', ordinal, incarnation, restartCount, failures }],
      standing,
      wakeAtMs: nowMs + IN_FLIGHT_MS,
    }
  }
  const end = last?.end
  if (decision.type === 'StayDown' || last === undefined || end === undefined)
    return {
      actions: [],
      standing: {
        reason: decision.type === 'StayDown' ? decision.reason : 'Failed',
        message:
          end === undefined
            ? ''
            : `${endSentence(end)}${lastWords(end)} restartPolicy is ${accepted.spec.restartPolicy}.`,
      },
    }
  const { atMs, failures } = decision
  const message = backoffSentence(last, last.record.restartCount + 1)
  const reason = failures > 2 ? 'CrashLoopBackOff' : 'BackOff'
  return { actions: [], standing: { reason, message, retryAtMs: atMs }, wakeAtMs: atMs }
}

function whatToWaitFor({ dependencies, shortages }: World, ordinal: number): Standing | undefined {
  const awaited = dependencies.find(({ unmet }) => unmet !== undefined)
  if (awaited !== undefined) return { reason: 'DependencyNotReady', message: dependencySentence(awaited) }
  const shortage = shortages.get(ordinal)
  if (shortage === undefined) return undefined
  return { reason: 'InsufficientHostCapacity', message: shortageSentence(shortage) }
}

/** A slot that nobody wants: its run is ended, then its traces are removed. */
export function planUnwanted(world: World, slot: ObservedSlot): Pick<ReplicaPlan, 'actions' | 'wakeAtMs'> {
  const live = slot.runs.find(isLive)
  // A controller that is on its way out may not have read what is declared: it ends runs, it forgets none.
  if (live === undefined) return { actions: world.shuttingDown ? [] : [{ type: 'Forget', slot: slot.ref }] }
  const scaled = world.accepted !== undefined && world.accepted.uid === slot.ref.uid
  const reason = scaled ? 'ScaledDown' : 'ServiceDeleted'
  const { actions, wakeAtMs } = end(world, live, world.shuttingDown ? 'ControllerShutdown' : reason)
  return { actions, ...(wakeAtMs === undefined ? {} : { wakeAtMs }) }
}

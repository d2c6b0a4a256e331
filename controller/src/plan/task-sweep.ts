/** What becomes of tasks that nobody waits for, that are late, or whose replicas are gone. */
import type { Reason } from '@orc/schemas'
import type { ObservedRun, ObservedSlot } from '../runtime/runtime.ts'
import { reasonToBeDown } from './down.ts'
import { endRun } from './ending.ts'
import { IN_FLIGHT_MS, type Step } from './step.ts'
import { deadlineMs } from './tasks.ts'
import { isLive, type World } from './world.ts'

/** `slots` = how many replicas are wanted, with the one that stands in for others. */
export function sweepTasks(world: World, slots: number): readonly Pick<Step, 'actions' | 'wakeAtMs'>[] {
  return world.tasks.map((slot) => {
    const live = slot.runs.find(isLive)
    if (live === undefined) return { actions: isOver(world, slot, slots) ? [{ type: 'Forget', slot: slot.ref }] : [] }
    const reason = live.stop?.reason ?? reasonToEnd(world, live, slots)
    if (reason !== undefined) {
      const { stopSignal, graceMs } = live.record
      return endRun(world, live, { reason, signal: stopSignal, graceMs })
    }
    const soonMs = live.phase === 'Running' ? Infinity : world.nowMs + IN_FLIGHT_MS
    return { actions: [], wakeAtMs: Math.min(deadlineMs(live), soonMs) }
  })
}

function reasonToEnd(world: World, run: ObservedRun, slots: number): Reason | undefined {
  if (!isAwaited(world, run, slots)) return reasonToCallOff(world, run)
  return world.nowMs >= deadlineMs(run) ? 'DeadlineExceeded' : undefined
}

function reasonToCallOff(world: World, { ref, record }: ObservedRun): Reason {
  if (world.shuttingDown) return 'ControllerShutdown'
  if (world.accepted?.uid !== ref.uid) return 'ServiceDeleted'
  return world.accepted.revision === record.revision ? 'Stopped' : 'SpecChanged'
}

function isAwaited(world: World, run: ObservedRun, slots: number): boolean {
  const { accepted } = world
  const { task } = run.ref
  if (task === 'post-start' || task === 'pre-stop') {
    const main = mainOf(world, run)
    if (main?.phase !== 'Running') return false
    return task === 'post-start' ? main.stop === undefined : main.stop?.isHeld === true
  }
  if (accepted === undefined || accepted.uid !== run.ref.uid || reasonToBeDown(world, accepted) !== undefined)
    return false
  return run.record.revision === accepted.revision && run.ref.ordinal < slots
}

/** The run whose hook it is. */
function mainOf(world: World, { record }: ObservedRun): ObservedRun | undefined {
  const target = record.assignment?.target
  return world.slots.flatMap(({ runs }) => runs).find((main) => main.record.runId === target)
}

/** While a process of the replica lives, nothing else says that its hooks were run. */
function isOver(world: World, { ref, runs }: ObservedSlot, slots: number): boolean {
  if (world.shuttingDown) return false
  const replica = world.slots.find((slot) => slot.ref.uid === ref.uid && slot.ref.ordinal === ref.ordinal)
  if (replica?.runs.some(isLive) === true) return false
  if (world.accepted?.uid !== ref.uid) return true
  // What was done for a revision stays done, whatever becomes of replicas.
  const isOfRevision = runs.some(({ record }) => record.assignment?.target === record.revision)
  return !isOfRevision && ref.ordinal >= slots
}

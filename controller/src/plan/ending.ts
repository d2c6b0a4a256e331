/** How a run is ended: asked, given its time, then killed until it is gone. */
import type { Reason } from '@orc/schemas'
import type { ObservedRun, StopRecord } from '../runtime/runtime.ts'
import { stepOfPreStop } from './hooks.ts'
import { leftoversSentence, PRE_STOP, stoppingSentence, unkillableSentence } from './messages.ts'
import { IN_FLIGHT_MS, waiting, type Standing, type Step } from './step.ts'
import type { Action, World } from './world.ts'

/** SIGKILL is sent again while the process stands. */
const KILL_AGAIN_MS = 1000
/** So long after the first SIGKILL a process counts as unkillable (state D, or not ours to kill). */
const UNKILLABLE_MS = 10_000

export interface EndRequest {
  readonly reason: Reason
  readonly signal: NodeJS.Signals
  readonly graceMs: number
  /** Less time than it was given before; never more. */
  readonly mostMs?: number | undefined
}

/** The preStop command runs within the time of grace, and the signal waits for it. */
export function endRun(world: World, run: ObservedRun, request: EndRequest): Step {
  const { stop, phase } = run
  if (stop === undefined) return ask(world, run, request)
  if (phase === 'Ending') return clearing(world, run)
  // Whoever deletes a pod that is ending already may give it less time, never more.
  const leftMs = stop.requestedAtMs + Math.min(stop.graceMs, request.mostMs ?? Infinity) - world.nowMs
  return leftMs > 0 ? wait(world, run, { stop, leftMs }) : kill(world, run, -leftMs)
}

function ask({ nowMs }: World, { ref, phase, record }: ObservedRun, request: EndRequest): Step {
  const { reason, signal, graceMs } = request
  const isHeld = record.hooks?.preStop !== undefined && graceMs > 0 && phase !== 'Ending'
  return {
    actions: [{ type: 'Stop', run: ref, reason, signal, graceMs, ...(isHeld && { isHeld }) }],
    standing: { reason: 'Stopping', message: isHeld ? PRE_STOP : stoppingSentence(signal, graceMs) },
    // No hint tells that it was recorded.
    wakeAtMs: nowMs + (isHeld ? 1 : Math.min(graceMs, IN_FLIGHT_MS)),
  }
}

function wait(
  world: World,
  run: ObservedRun,
  { stop, leftMs }: { readonly stop: StopRecord; readonly leftMs: number },
): Step {
  const wakeAtMs = world.nowMs + Math.min(leftMs, IN_FLIGHT_MS)
  const before = stop.isHeld === true ? stepOfPreStop(world, run, leftMs) : undefined
  if (before !== undefined) return { ...before, wakeAtMs }
  const { reason, signal, graceMs } = stop
  return {
    actions: stop.isHeld === true ? [{ type: 'Stop', run: run.ref, reason, signal, graceMs }] : [],
    standing: { reason: 'Stopping', message: stoppingSentence(signal, leftMs) },
    wakeAtMs,
  }
}

function kill({ nowMs }: World, { ref, stop }: ObservedRun, sinceMs: number): Step {
  const due = stop?.killedAtMs === undefined || nowMs - stop.killedAtMs >= KILL_AGAIN_MS
  const actions: Action[] = due ? [{ type: 'Kill', run: ref }] : []
  const standing: Standing =
    sinceMs > UNKILLABLE_MS && stop?.killedAtMs !== undefined
      ? { reason: 'Unkillable', message: unkillableSentence(sinceMs) }
      : { reason: 'Stopping', message: stoppingSentence(stop?.signal ?? 'SIGKILL', 0) }
  return { actions, standing, wakeAtMs: nowMs + KILL_AGAIN_MS }
}

/** The main process is dead; others of its tree may live. */
export function clearing(world: World, { endingSinceMs = world.nowMs }: ObservedRun): Step {
  const sinceMs = world.nowMs - endingSinceMs
  return sinceMs > UNKILLABLE_MS
    ? waiting('Unkillable', leftoversSentence(sinceMs), world)
    : waiting('Stopping', 'The process has ended; what it left behind is being removed.', world)
}

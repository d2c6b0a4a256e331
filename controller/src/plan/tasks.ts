/** How the tasks of replicas stand, read from recorded runs alone: it is known however often the controller is killed. */
import type { Reason } from '@orc/schemas'
import type { ObservedRun, SlotRef } from '../runtime/runtime.ts'
import { isLive, type Action, type World } from './world.ts'

export type TaskState =
  /** It was not done for the target, or was called off. */
  | { readonly type: 'Undone' }
  /** The slot is taken by a run for something else. */
  | { readonly type: 'Busy' }
  | { readonly type: 'Running' | 'Done' | 'Failed'; readonly run: ObservedRun }

export function taskState({ tasks }: World, ref: SlotRef, target: string): TaskState {
  const { runs = [] } = tasks.find((slot) => isSameSlot(slot.ref, ref)) ?? {}
  const isMeant = ({ record }: ObservedRun): boolean => record.assignment?.target === target
  const live = runs.find(isLive)
  if (live !== undefined) return isMeant(live) ? { type: 'Running', run: live } : { type: 'Busy' }
  const meant = runs.filter(isMeant)
  const done = meant.find(({ end }) => end?.exitCode === 0 && end.reason === 'Exited')
  if (done !== undefined) return { type: 'Done', run: done }
  const last = meant.at(-1)
  return last?.end === undefined || CALLED_OFF.has(last.end.reason) ? { type: 'Undone' } : { type: 'Failed', run: last }
}

/** Nobody's failure: it is done anew where it is still wanted. */
const CALLED_OFF: ReadonlySet<Reason> = new Set([
  'Cancelled',
  'HostReboot',
  'SpecChanged',
  'ScaledDown',
  'Stopped',
  'ServiceDeleted',
  'ControllerShutdown',
])

/** Boot clock. */
export function deadlineMs({ record }: ObservedRun): number {
  return record.orderedAtMs + (record.assignment?.timeoutSeconds ?? 0) * 1000
}

/** How a task ended for whoever looks at its run alone; undefined = it has not, or it was called off. */
export function outcomeOf({ end }: ObservedRun): 'Done' | 'Failed' | undefined {
  if (end === undefined || CALLED_OFF.has(end.reason)) return undefined
  return end.exitCode === 0 && end.reason === 'Exited' ? 'Done' : 'Failed'
}

/** Several replicas may wait for the same task. */
export function distinctTasks(actions: readonly Action[]): readonly Action[] {
  return actions.filter(
    (action, index) =>
      action.type !== 'StartTask' ||
      index === actions.findIndex((other) => other.type === 'StartTask' && isSameSlot(other.slot, action.slot)),
  )
}

export function isSameSlot(a: SlotRef, b: SlotRef): boolean {
  return a.uid === b.uid && a.ordinal === b.ordinal && a.task === b.task
}

const INIT = 'init-'

export function initTask(name: string): string {
  return `${INIT}${name}`
}

export function isInit({ task }: SlotRef): boolean {
  return task?.startsWith(INIT) === true
}

/** As it is named in messages. */
export function taskName({ task = '' }: SlotRef): string {
  if (task === 'post-start') return 'postStart command'
  return task === 'pre-stop' ? 'preStop command' : `init command ${task.slice(INIT.length)}`
}

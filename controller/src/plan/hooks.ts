/** The commands that a process is greeted with after its start and before its stop signal, each once per run. */
import type { Hook, ObservedRun } from '../runtime/runtime.ts'
import { PRE_STOP } from './messages.ts'
import { waiting, type Step } from './step.ts'
import { deadlineMs, taskState, type TaskState } from './tasks.ts'
import type { Action, World } from './world.ts'

type HookName = 'post-start' | 'pre-stop'

/** Boot clock: since when nothing of postStart is waited for; undefined = it is, or it has failed. */
export function greetedAtMs(world: World, run: ObservedRun): number | undefined {
  if (run.record.hooks?.postStart === undefined) return run.record.orderedAtMs
  const state = stateOf(world, run, 'post-start')
  return state.type === 'Done' ? state.run.end?.finishedAtMs : undefined
}

export function hasPostStartFailed(world: World, run: ObservedRun): boolean {
  return failureOf(world, run, 'post-start') !== undefined
}

/** The run of the hook that failed or is late; undefined = there is none. */
export function failureOf(world: World, run: ObservedRun, name: HookName): ObservedRun | undefined {
  if (hookOf(run, name) === undefined) return undefined
  const state = stateOf(world, run, name)
  return state.type === 'Failed' || isLate(world, state) ? state.run : undefined
}

/** Of a run that should live; undefined = nothing is waited for. */
export function stepOfPostStart(world: World, run: ObservedRun): Step | undefined {
  const hook = run.record.hooks?.postStart
  if (hook === undefined || greetedAtMs(world, run) !== undefined) return undefined
  const step = waiting('Initializing', 'The process runs; its postStart command has not ended yet.', world)
  const isDue = stateOf(world, run, 'post-start').type === 'Undone'
  return isDue ? { ...step, actions: [start(run, 'post-start', hook)] } : step
}

/** Of a run whose stop is held; undefined = the signal may be sent. */
export function stepOfPreStop(world: World, run: ObservedRun, leftMs: number): Step | undefined {
  const hook = run.record.hooks?.preStop
  if (hook === undefined) return undefined
  const step = waiting('Stopping', PRE_STOP, world)
  if (run.phase === 'Starting') return step
  const state = stateOf(world, run, 'pre-stop')
  const timeoutSeconds = Math.min(hook.timeoutSeconds, leftMs / 1000)
  if (state.type === 'Undone') return { ...step, actions: [start(run, 'pre-stop', { ...hook, timeoutSeconds })] }
  return state.type === 'Running' && !isLate(world, state) ? step : undefined
}

function hookOf({ record: { hooks } }: ObservedRun, name: HookName): Hook | undefined {
  return name === 'post-start' ? hooks?.postStart : hooks?.preStop
}

function stateOf(world: World, { ref, record }: ObservedRun, task: HookName): TaskState {
  return taskState(world, { ...ref, task }, record.runId)
}

function isLate({ nowMs }: World, state: TaskState): state is Extract<TaskState, { readonly run: ObservedRun }> {
  return state.type === 'Running' && nowMs >= deadlineMs(state.run)
}

function start(run: ObservedRun, task: HookName, { command, timeoutSeconds }: Hook): Action {
  const { namespace, name, uid, ordinal } = run.ref
  return {
    type: 'StartTask',
    slot: { namespace, name, uid, ordinal, task },
    target: run.record.runId,
    command,
    timeoutSeconds,
    failures: 0,
    incarnation: run.record.incarnation,
    hookOf: run,
  }
}

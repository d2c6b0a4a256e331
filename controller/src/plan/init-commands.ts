/** The commands that come before the process of a replica: which of them is next, and what is waited for. */
import type { AcceptedSpec } from '@orc/schemas'
import type { ObservedRun } from '../runtime/runtime.ts'
import { initRunsSentence, taskFailedSentence } from './messages.ts'
import { backoffMs } from './restart.ts'
import { waiting, type Step } from './step.ts'
import { initTask, isSameSlot, taskState } from './tasks.ts'
import { isLive, type AcceptedService, type Action, type World } from './world.ts'

type InitCommand = NonNullable<AcceptedSpec['initCommands']>[number]

/** The replica that is to start, and the run before. */
export interface Coming {
  readonly ordinal: number
  readonly incarnation: number
  readonly last: ObservedRun | undefined
}

/** No run has such an id. */
const FIRST_START = 'first'

/** Undefined = nothing stands before the process any more. */
export function stepOfInit(world: World, accepted: AcceptedService, coming: Coming): Step | undefined {
  const commands = accepted.spec.initCommands ?? []
  const own = commands.map((command) => assignmentOf(accepted, command, coming).slot)
  const others = world.tasks.filter(
    ({ ref, runs }) =>
      ref.ordinal === coming.ordinal && runs.some(isLive) && !own.some((slot) => isSameSlot({ ...ref, ...slot }, ref)),
  )
  if (others.length > 0) return waiting('Stopping', 'Waits until a command of an earlier process has ended.', world)
  for (const command of commands) {
    const step = stepOfCommand(world, accepted, command, coming)
    if (step !== undefined) return step
  }
  return undefined
}

/** All replicas share what is done once per revision: it has its place beside replica 0, whoever starts it. */
function assignmentOf(
  { uid, revision }: AcceptedService,
  { name, when }: InitCommand,
  { ordinal, last }: Coming,
): { readonly slot: { uid: string; ordinal: number; task: string }; readonly target: string } {
  const task = initTask(name)
  if (when === 'EveryStart') return { slot: { uid, ordinal, task }, target: last?.record.runId ?? FIRST_START }
  return { slot: { uid, ordinal: 0, task }, target: revision }
}

function stepOfCommand(
  world: World,
  accepted: AcceptedService,
  command: InitCommand,
  coming: Coming,
): Step | undefined {
  const { name, timeoutSeconds = 600 } = command
  const { slot, target } = assignmentOf(accepted, command, coming)
  const ref = { ...world.service, ...slot }
  const state = taskState(world, ref, target)
  const start = (failures: number): Action => ({
    type: 'StartTask',
    slot: ref,
    target,
    command: command.command,
    timeoutSeconds,
    failures,
    incarnation: coming.incarnation,
  })
  switch (state.type) {
    case 'Done':
      return undefined
    case 'Busy':
      return waiting('Stopping', `Waits until the init command ${name} of an earlier revision has ended.`, world)
    case 'Running':
      return waiting('Initializing', initRunsSentence(name), world)
    case 'Undone':
      return { ...waiting('Initializing', initRunsSentence(name), world), actions: [start(0)] }
    case 'Failed':
      return afterFailure(world, accepted, { run: state.run, start })
  }
}

function afterFailure(
  world: World,
  { spec }: AcceptedService,
  { run, start }: { readonly run: ObservedRun; readonly start: (failures: number) => Action },
): Step {
  const message = taskFailedSentence(run)
  if (spec.restartPolicy === 'Never') return { actions: [], standing: { reason: 'InitFailed', message } }
  const failures = run.record.failures + 1
  const atMs = (run.end?.finishedAtMs ?? 0) + backoffMs(spec.backoff, failures, run.record.runId)
  if (world.nowMs < atMs)
    return { actions: [], standing: { reason: 'InitFailed', message, retryAtMs: atMs }, wakeAtMs: atMs }
  return { ...waiting('InitFailed', message, world), actions: [start(failures)] }
}

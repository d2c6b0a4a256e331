/**
 * What should be done now, and how things stand: a pure function of what is accepted, what is observed and the time.
 *
 *   (no run) --Start--> Starting ----> Running ----> Ending ----> Ended --(restart policy, backoff)--> Start
 *                          |              |                          |
 *                          +---- Stop ----+-- grace over: Kill       +-- unwanted: Forget
 *
 * Before Start come the init commands, before the signal of Stop the preStop command: runs of their own, in slots of
 * their own (tasks.ts). A run moves to the right by what happens in the world; the planner only asks. It never asks for a Start while any
 * run of the slot may still have a process.
 */
import { judge } from './conditions.ts'
import { isSettled } from './deletion.ts'
import { reasonToBeDown } from './down.ts'
import { planReplica, planUnwanted } from './replica.ts'
import { planRollout, type Rollout } from './rollout.ts'
import { sweepTasks } from './task-sweep.ts'
import { distinctTasks } from './tasks.ts'
import { isLive, type AcceptedService, type Action, type Plan, type World } from './world.ts'

export function plan(world: World): Plan {
  const { accepted } = world
  const rollout = accepted === undefined ? undefined : planRollout(world, accepted)
  const wanted = rollout?.slots ?? 0
  const replicas =
    accepted === undefined || rollout === undefined
      ? []
      : Array.from({ length: wanted }, (_, ordinal) => planReplica(world, accepted, ordinal, rollout))
  const unwantedSlots = world.slots.filter((slot) => slot.ref.uid !== accepted?.uid || slot.ref.ordinal >= wanted)
  const unwanted = unwantedSlots.map((slot) => planUnwanted(world, slot))
  const settled = world.deletions
    .filter((deletion) => isSettled(world, deletion))
    .map((deletion) => ({ type: 'ForgetDeletion', deletion }) as const)
  const views = replicas.map(({ view }) => view)
  const stopping = unwantedSlots.filter((slot) => slot.runs.some(isLive)).length
  const verdicts = accepted === undefined || rollout === undefined ? [] : verdict(world, accepted, rollout)
  // Before those of the replicas: what was done for one is forgotten before the replica is.
  const tasks = sweepTasks(world, wanted)
  const wakeAtMs = Math.min(...[...tasks, ...replicas, ...unwanted, rollout].map((part) => part?.wakeAtMs ?? Infinity))
  return {
    actions: [
      ...distinctTasks([...tasks, ...replicas, ...unwanted].flatMap(({ actions }) => actions)),
      ...verdicts,
      ...settled,
    ],
    replicas: views,
    available: rollout?.available ?? 0,
    isWaiting: rollout?.isWaiting ?? false,
    judgements:
      accepted === undefined || rollout === undefined
        ? []
        : judge(accepted.spec, views, {
            stopping,
            rollout,
            isTakenBack: verdicts.some(({ type }) => type === 'RollBack'),
            isHeld: world.rollout.isHeld,
            shortage: world.shortages.values().next().value,
            isDown: reasonToBeDown(world, accepted) !== undefined,
          }),
    ...(Number.isFinite(wakeAtMs) ? { requeueAfterMs: Math.max(1, wakeAtMs - world.nowMs) } : {}),
  }
}

/** What is to be remembered of the revision. */
function verdict(world: World, accepted: AcceptedService, { isProof, failure }: Rollout): readonly Action[] {
  const { fallback, isProven } = world.rollout
  const { revision, spec } = accepted
  if (spec.replicas === 0 || reasonToBeDown(world, accepted) !== undefined) return []
  if (isProof && !isProven) return [{ type: 'Prove', revision }]
  if (failure === undefined || fallback === undefined || !spec.updateStrategy.autoRollback) return []
  return [{ type: 'RollBack', from: revision, to: fallback, message: failure }]
}

/**
 * What should be done now, and how things stand: a pure function of what is accepted, what is observed and the time.
 *
 *   (no run) --Start--> Starting ----> Running ----> Ending ----> Ended --(restart policy, backoff)--> Start
 *                          |              |                          |
 *                          +---- Stop ----+-- grace over: Kill       +-- unwanted: Forget
 *
 * A run moves to the right by what happens in the world; the planner only asks. It never asks for a Start while any
 * run of the slot may still have a process.
 */
import { judge } from './conditions.ts'
import { isSettled } from './deletion.ts'
import { planReplica, planUnwanted } from './replica.ts'
import { isLive, type Plan, type World } from './world.ts'

export function plan(world: World): Plan {
  const { accepted } = world
  const wanted = accepted?.spec.replicas ?? 0
  const replicas =
    accepted === undefined ? [] : Array.from({ length: wanted }, (_, ordinal) => planReplica(world, accepted, ordinal))
  const unwantedSlots = world.slots.filter((slot) => slot.ref.uid !== accepted?.uid || slot.ref.ordinal >= wanted)
  const unwanted = unwantedSlots.map((slot) => planUnwanted(world, slot))
  const settled = world.deletions
    .filter((deletion) => isSettled(world, deletion))
    .map((deletion) => ({ type: 'ForgetDeletion', deletion }) as const)
  const views = replicas.map(({ view }) => view)
  const stopping = unwantedSlots.filter((slot) => slot.runs.some(isLive)).length
  const wakeAtMs = Math.min(...[...replicas, ...unwanted].map((part) => part.wakeAtMs ?? Infinity))
  return {
    actions: [...[...replicas, ...unwanted].flatMap(({ actions }) => actions), ...settled],
    replicas: views,
    judgements: accepted === undefined ? [] : judge(accepted.spec, views, stopping),
    ...(Number.isFinite(wakeAtMs) ? { requeueAfterMs: Math.max(1, wakeAtMs - world.nowMs) } : {}),
  }
}

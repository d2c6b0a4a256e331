/**
 * What happened between two passes, told once and in words that a person understands. Pure: what was told before goes
 * in, and what has been told by now comes out. An idle service has nothing to tell.
 *
 * Sentences hold no times and no counts: the same again is to be the same words.
 */
import type { ObservedRun } from '../runtime/runtime.ts'
import { comingUpMs, type Happening, type Pass } from './happening.ts'
import { happeningsOfReplicas } from './happenings-of-replicas.ts'
import { happeningsOfRuns, type RunTold } from './happenings-of-runs.ts'
import { happeningsOfTasks } from './happenings-of-tasks.ts'
import { happeningsOfService } from './happenings-of-service.ts'

/** What of a service has been told; for these functions alone to read. */
export interface Told {
  readonly runs: ReadonlyMap<string, RunTold>
  readonly replicas: ReadonlyMap<number, string>
  readonly tasks: ReadonlySet<string>
  /** By type. */
  readonly conditions: ReadonlyMap<string, string>
}

export interface Telling {
  readonly happenings: readonly Happening[]
  /** Runs that have ended since. */
  readonly ended: readonly ObservedRun[]
  readonly told: Told
  /** Something that is no news yet may be news then; > 0. */
  readonly lookAgainInMs?: number
}

/** `told` is undefined at the first pass of a controller: what it finds is not new because it sees it. */
export function tell(told: Told | undefined, pass: Pass): Telling {
  const runs = happeningsOfRuns(told?.runs, pass)
  const tasks = happeningsOfTasks(told?.tasks, pass)
  const replicas = happeningsOfReplicas(told?.replicas, pass)
  const service = happeningsOfService(told?.conditions, pass)
  const waits = pass.decided.replicas.map((view) => comingUpMs(view, pass.world.nowMs)).filter((ms) => ms > 0)
  return {
    ...(waits.length > 0 && { lookAgainInMs: Math.min(...waits) }),
    happenings: [...tasks.happenings, ...runs.happenings, ...replicas.happenings, ...service.happenings],
    ended: runs.ended,
    told: { runs: runs.told, replicas: replicas.told, tasks: tasks.told, conditions: service.told },
  }
}

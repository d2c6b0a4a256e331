/** What came of init commands and of preStop; that postStart failed is told by the stop that follows. */
import type { ObservedRun } from '../runtime/runtime.ts'
import type { Happening, Pass } from './happening.ts'
import { taskDoneSentence, taskFailedSentence } from './messages.ts'
import { isInit, outcomeOf } from './tasks.ts'

export interface TasksTelling {
  readonly happenings: readonly Happening[]
  /** Ids of runs that have ended. */
  readonly told: ReadonlySet<string>
}

export function happeningsOfTasks(before: ReadonlySet<string> | undefined, pass: Pass): TasksTelling {
  const ended = pass.world.tasks.flatMap(({ runs }) => runs).filter(({ end }) => end !== undefined)
  const news = ended.filter((run) => (before === undefined ? isNews(run, pass) : !before.has(run.record.runId)))
  return {
    happenings: news.flatMap(sayingOf),
    told: new Set(ended.map(({ record }) => record.runId)),
  }
}

/** To a controller that has just begun: it is it that goes on with the stop. */
function isNews({ record }: ObservedRun, { world }: Pass): boolean {
  const main = world.slots
    .flatMap(({ runs }) => runs)
    .find(({ record: { runId } }) => runId === record.assignment?.target)
  return main?.stop?.isHeld === true
}

function sayingOf(run: ObservedRun): Happening[] {
  const { ref, record, end } = run
  const outcome = outcomeOf(run)
  if (outcome === undefined || end === undefined) return []
  const about = {
    replica: { uid: ref.uid, ordinal: ref.ordinal, incarnation: record.incarnation },
    at: end.finishedAt,
  }
  if (outcome === 'Done')
    return isInit(ref) ? [{ ...about, type: 'Normal', reason: 'Initialized', message: taskDoneSentence(run) }] : []
  if (ref.task === 'post-start') return []
  const reason = isInit(ref) ? 'InitFailed' : 'PreStopFailed'
  return [{ ...about, type: 'Warning', reason, message: taskFailedSentence(run) }]
}

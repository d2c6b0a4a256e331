/** The one state of a service out of its conditions and its pods: the first of what a person should hear. Pure. */
import { findCondition, type AgentService, type Condition, type Pod, type Terminated } from '@orc/schemas'
import { present } from './present.ts'
import { revisionOf } from './replica-view.ts'

const OUT_OF_MEMORY: readonly string[] = ['MemoryLimitExceeded', 'OOMKilled']
const BETWEEN_RUNS: readonly string[] = ['BackOff', 'CrashLoopBackOff', 'Failed']

export interface Judgement {
  /** A reason of orc, or a state of `present.ts`. */
  readonly state: string
  readonly condition: Condition | undefined
}

/** What is refused or stuck outweighs how the replicas are: it is what somebody has to read. */
export function judge({ status }: AgentService, pods: readonly Pod[]): Judgement {
  const [accepted, ready, progressing, stalled] = (['Accepted', 'Ready', 'Progressing', 'Stalled'] as const).map(
    (type) => findCondition(status?.conditions, type),
  )
  if (accepted?.status === 'False') return { state: accepted.reason, condition: accepted }
  if (stalled?.status === 'True') return { state: stalled.reason, condition: stalled }
  return progressing?.status === 'True' ? judgeProgress(ready, progressing, pods) : judgeReady(ready, pods)
}

function judgeReady(condition: Condition | undefined, pods: readonly Pod[]): Judgement {
  const state = condition?.reason ?? 'Starting'
  return { state: BETWEEN_RUNS.includes(state) ? (causeOf(pods) ?? state) : state, condition }
}

/** A rollout is named as long as nothing worse is: its replicas start and stop all the time. */
function judgeProgress(ready: Condition | undefined, progressing: Condition, pods: readonly Pod[]): Judgement {
  const judgement = judgeReady(ready, pods)
  const { role } = present(judgement.state)
  if (role === 'bad' || role === 'wait') return judgement
  if (isRollout(pods)) return { state: 'RollingOut', condition: progressing }
  return ready?.status === 'True' ? { state: progressing.reason, condition: progressing } : judgement
}

function causeOf(pods: readonly Pod[]): string | undefined {
  const reason = lastTermination(pods)?.reason
  return reason !== undefined && OUT_OF_MEMORY.includes(reason) ? reason : undefined
}

/** How the process ended that ended last, among the replicas that have none now. */
export function lastTermination(pods: readonly Pod[]): Terminated | undefined {
  const ends = pods.flatMap(({ status: { containerStatuses } }) => {
    const { state, lastState } = containerStatuses[0]
    return state.running === undefined ? (state.terminated ?? lastState.terminated ?? []) : []
  })
  return ends.toSorted((a, b) => Date.parse(a.finishedAt) - Date.parse(b.finishedAt)).at(-1)
}

function isRollout(pods: readonly Pod[]): boolean {
  return new Set(pods.map(revisionOf)).size > 1
}

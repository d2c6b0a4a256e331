/** Conditions as in the Kubernetes API: one fact each, with a time that moves only when the fact changes. */
import type { Condition } from './generated/index.ts'
import type { Reason } from './reasons.ts'

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/** A judgement of now, before it is compared with what was said last. */
export interface Judgement {
  readonly type: 'Accepted' | 'Ready' | 'Progressing' | 'Stalled'
  readonly status: ConditionStatus
  readonly reason: Reason
  readonly message: string
}

/** The new conditions; `lastTransitionTime` is kept where the status did not change. */
export function mergeConditions(
  previous: readonly Condition[],
  judgements: readonly Judgement[],
  at: { readonly generation: number; readonly time: string },
): Condition[] {
  return judgements.map((judgement) => {
    const before = previous.find((condition) => condition.type === judgement.type)
    const unchanged = before?.status === judgement.status
    return {
      ...judgement,
      lastTransitionTime: unchanged ? before.lastTransitionTime : at.time,
      observedGeneration: at.generation,
    }
  })
}

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: Judgement['type'],
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

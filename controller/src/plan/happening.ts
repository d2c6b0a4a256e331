/** What the functions that tell what happened take and give. */
import type { Judgement, Reason } from '@orc/schemas'
import type { Plan, ReplicaView, World } from './world.ts'

export interface Happening {
  /** Absent = it is about the service. */
  readonly replica?: ReplicaRef
  readonly type: 'Normal' | 'Warning'
  readonly reason: Reason
  readonly message: string
  /** RFC 3339; absent = now. */
  readonly at?: string
}

export interface ReplicaRef {
  /** Of the service, which may be an earlier one of the same name. */
  readonly uid: string
  readonly ordinal: number
  readonly incarnation: number
}

export interface Pass {
  readonly world: World
  readonly decided: Plan
  /** Accepted; absent when the service is no longer declared. */
  readonly acceptance: Judgement | undefined
  /** Runs whose end an earlier controller told. */
  readonly remembered: ReadonlySet<string>
}

/** A probe that fails so soon after the start is no news: the process comes up. */
const COMING_UP_MS = 2000

/** How long a replica whose probe fails is still coming up; 0 = the failure is news. */
export function comingUpMs({ reason, newest }: ReplicaView, nowMs: number): number {
  if (reason !== 'ProbeFailed' || newest === undefined) return 0
  return Math.max(0, newest.record.orderedAtMs + COMING_UP_MS - nowMs)
}

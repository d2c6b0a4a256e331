/** What a part of the planner answers about one replica. */
import type { Reason } from '@orc/schemas'
import type { Action, ReplicaView, World } from './world.ts'

/** Exits and probe flips are told by hints; a lost hint costs this much. */
export const IN_FLIGHT_MS = 2000

export type Standing = Pick<ReplicaView, 'reason' | 'message'> & {
  readonly ready?: boolean
  readonly retryAtMs?: number
}

export interface Step {
  readonly actions: readonly Action[]
  readonly standing: Standing
  /** Boot clock. */
  readonly wakeAtMs?: number
}

export function waiting(reason: Reason, message: string, world: World): Step {
  return { actions: [], standing: { reason, message }, wakeAtMs: world.nowMs + IN_FLIGHT_MS }
}

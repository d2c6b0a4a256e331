/** One remembered revision of a service, as an apps/v1 ControllerRevision. Nobody writes it. */
import type { AgentServiceSpec, ObjectMeta } from './generated/index.ts'
import type { RUN_RELEVANT_FIELDS } from './run-relevant.ts'

export interface ControllerRevision {
  readonly apiVersion: 'apps/v1'
  readonly kind: 'ControllerRevision'
  /** Named `<service>-<hash>`: a revision that comes into force again is the same object. */
  readonly metadata: ObjectMeta
  /** Rises each time a revision of the service comes into force, from 1. */
  readonly revision: number
  readonly data: { readonly spec: Partial<Pick<AgentServiceSpec, (typeof RUN_RELEVANT_FIELDS)[number]>> }
  /** orc's own. */
  readonly orc: {
    readonly state: RevisionState
    /** Hash of the fields in `data.spec`, as `status.currentRevision` of the service has it. */
    readonly revision: string
    /** Why it was rejected, as a sentence. */
    readonly message?: string
  }
}

/** `Proven` = it was complete once. `New` = it has neither proven itself nor failed. */
export type RevisionState = 'InForce' | 'Proven' | 'Rejected' | 'New'

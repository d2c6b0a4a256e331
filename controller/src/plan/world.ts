/** What the planner is told and what it answers. Facts in, decisions out; time is a fact too. */
import type { AcceptedSpec, Judgement, Reason } from '@orc/schemas'
import type {
  HostCapacity,
  ObservedRun,
  ObservedSlot,
  Requests,
  RunRef,
  ServiceRef,
  SlotRef,
} from '../runtime/runtime.ts'

export interface AcceptedService {
  readonly uid: string
  /** Hash of the run-relevant spec: a run of another revision is replaced. */
  readonly revision: string
  /** Value of the restart annotation, '' when there is none: a run that began under another value is replaced. */
  readonly restartedAt: string
  /** Fingerprint of the ConfigMaps and Secrets it mentions; present where a change of them asks for new processes. */
  readonly configRevision?: string
  /**
   * Fingerprint of the same for runs that live on when it changes: what is to be in their files, and told to them. Absent
   * where nothing is mentioned, or where what is mentioned is not all there.
   */
  readonly content?: string
  /** Boot clock: when a dependency began anew; a run ordered before is replaced. Present where that is asked for. */
  readonly notBeforeMs?: number
  readonly spec: AcceptedSpec
}

/** What the probes of a run say. A run without probes has started and is ready. */
export interface ProbeState {
  readonly started: boolean
  readonly ready: boolean
  readonly failed?: 'StartupProbeFailed' | 'LivenessProbeFailed'
  readonly message: string
  /** Boot clock, ms; since when it is ready without a break. */
  readonly readySinceMs?: number
}

/** Limits that the tree of a run exceeded for several samples in a row: cores, bytes. */
export interface LimitBreach {
  readonly cpu?: { readonly used: number; readonly limit: number }
  readonly memory?: { readonly used: number; readonly limit: number }
}

/** The latest attempt to start a replica was refused before a process was made. */
export interface StartFailure {
  readonly reason: Reason
  readonly message: string
  readonly failedAtMs: number
  /** In a row. */
  readonly count: number
}

/** Somebody deleted a pod: its incarnation is to end, and the one after it begins. */
export interface PodDeletion {
  /** Of the service. */
  readonly uid: string
  readonly ordinal: number
  readonly incarnation: number
  readonly graceMs: number
}

/** A service that this one depends on. */
export interface DependencyFact {
  /** `name`, or `namespace/name` of another namespace. */
  readonly name: string
  readonly condition: 'Ready' | 'Started' | 'Completed'
  /** How it stands instead, in words; absent when it stands as it should. */
  readonly unmet?: string
}

/** Why a replica cannot have what it needs of the host now. */
export interface Shortage {
  /** Beside what it has. */
  readonly needs: Requests
  readonly free: Requests
  readonly host: HostCapacity
  /** `Never` = more than services may have at all. */
  readonly type: 'Never' | 'Now'
  /** Who is the first of those that wait, as `namespace/name`, where that is another one. */
  readonly first?: string
}

/** What is remembered of the revision in force. */
export interface RolloutFacts {
  /** Boot clock: when its first run was ordered; now, when none was. */
  readonly beganAtMs: number
  /** Boot clock: until when it was held back: paused, or without what it depends on, or without room. */
  readonly waitedUntilMs?: number
  /** Every replica of it was available once. */
  readonly isProven: boolean
  /** The latest other revision that is proven: where to return to. */
  readonly fallback?: string
  /** Another revision is declared and has not begun, because the rollout is paused. */
  readonly isHeld: boolean
}

export interface World {
  readonly service: ServiceRef
  /** Undefined when the service is no longer declared. */
  readonly accepted: AcceptedService | undefined
  /** Of replicas. */
  readonly slots: readonly ObservedSlot[]
  /** Of their init commands and hooks. */
  readonly tasks: readonly ObservedSlot[]
  /**
   * By run id. A run that has probes and is missing here has not been asked yet; one of an older template, which may
   * have had other probes, is here in any case.
   */
  readonly probes: ReadonlyMap<string, ProbeState>
  /** By run id; of limits that the kernel does not hold. */
  readonly breaches: ReadonlyMap<string, LimitBreach>
  /** By ordinal. */
  readonly startFailures: ReadonlyMap<number, StartFailure>
  /** At most one of each replica. */
  readonly deletions: readonly PodDeletion[]
  readonly rollout: RolloutFacts
  readonly dependencies: readonly DependencyFact[]
  /** By ordinal; a process of the revision in force has room where none is said. */
  readonly shortages: ReadonlyMap<number, Shortage>
  /** Names of services that depend on this one and have processes. */
  readonly dependents: readonly string[]
  /** The controller ends and takes its services with it. */
  readonly shuttingDown: boolean
  /** Boot clock. */
  readonly nowMs: number
  /** Wall clock, for `operatingModeUntil` only. */
  readonly wallMs: number
}

export type Action =
  | {
      readonly type: 'Start'
      readonly ordinal: number
      readonly incarnation: number
      readonly restartCount: number
      readonly failures: number
    }
  | {
      readonly type: 'Stop'
      readonly run: RunRef
      readonly reason: Reason
      readonly signal: NodeJS.Signals
      readonly graceMs: number
      /** The signal waits for the next such action, which comes when preStop has ended. */
      readonly isHeld?: true
    }
  | {
      readonly type: 'StartTask'
      readonly slot: SlotRef
      /** What it is done for. */
      readonly target: string
      readonly command: readonly string[]
      readonly timeoutSeconds: number
      /** In a row, of the same for the same. */
      readonly failures: number
      readonly incarnation: number
      /** Absent = it comes before the process. */
      readonly hookOf?: ObservedRun
    }
  | { readonly type: 'Kill'; readonly run: RunRef }
  /** Puts content that has changed into the files of a run. */
  | { readonly type: 'Project'; readonly run: RunRef }
  /** Tells the process of a run, once for each fingerprint, that there is other content. */
  | {
      readonly type: 'Signal'
      readonly run: RunRef
      readonly signal: NodeJS.Signals
      readonly configRevision: string
    }
  | { readonly type: 'Forget'; readonly slot: SlotRef }
  /** The revision has proven itself. */
  | { readonly type: 'Prove'; readonly revision: string }
  /** The revision has failed; the one to return to is in force from now on. */
  | { readonly type: 'RollBack'; readonly from: string; readonly to: string; readonly message: string }
  /** It has been carried out, or there is nothing left that it could mean. */
  | { readonly type: 'ForgetDeletion'; readonly deletion: PodDeletion }

/** How one replica stands, before the actions of the same plan. */
export interface ReplicaView {
  readonly ordinal: number
  readonly reason: Reason
  readonly message: string
  readonly ready: boolean
  /** Of the pod that stands at the ordinal now, from 1. */
  readonly incarnation: number
  /** The newest run of the wanted service in this slot; absent when its pod was deleted and the next has none yet. */
  readonly newest?: ObservedRun
  /** The newest run that ended. */
  readonly lastEnded?: ObservedRun
  readonly restartCount: number
  /** Boot clock of the next start, while it is waited for. */
  readonly retryAtMs?: number
}

export interface Plan {
  readonly actions: readonly Action[]
  /** Replicas that have been ready for `minReadySeconds`. */
  readonly available: number
  /** Wanted replicas in order, and the one that stands in for them last; empty when the service is gone. */
  readonly replicas: readonly ReplicaView[]
  /** The rollout may not go on by itself now: no deadline counts. */
  readonly isWaiting: boolean
  /** Ready, Progressing, Stalled. */
  readonly judgements: readonly Judgement[]
  /** When to plan again at the latest, even without a hint; > 0. Absent when nothing is pending. */
  readonly requeueAfterMs?: number
}

/** A run that may still have a process. */
export function isLive(run: ObservedRun): boolean {
  return run.phase !== 'Ended'
}

/** Whether something is asked before a replica counts as ready. */
export function hasReadiness({ startupProbe, readinessProbe }: AcceptedSpec): boolean {
  return startupProbe !== undefined || readinessProbe !== undefined
}

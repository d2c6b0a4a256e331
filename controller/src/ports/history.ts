/**
 * What is remembered for later, and how rooms hand it over.
 *
 * Recording never waits, never throws and never fails what is recorded: the rows go to a thread of their own, 100 ms
 * later at most, a mutation in the same turn of the event loop. A row may be lost (a full disk, a flood, a kill in
 * between), so nothing that orc decides may depend on one.
 */
import type { KubeEvent, Reason } from '@orc/schemas'

export interface EventLog {
  /** The whole event as it is now; a later one of the same namespace and name takes its place. */
  recordEvent(event: KubeEvent): void
}

/** A run that ended. */
export interface RunRow {
  readonly runId: string
  readonly namespace: string
  readonly service: string
  /** Of the service. */
  readonly uid: string
  readonly ordinal: number
  readonly seq: number
  readonly incarnation: number
  readonly revision: string
  /** As a shell shows it; -1 when nobody saw it. */
  readonly exitCode: number
  readonly signal?: number
  readonly reason: Reason
  readonly startedAtMs: number
  readonly finishedAtMs: number
  readonly lastLines?: string
}

export interface RunLog {
  /** Idempotent: a run is remembered once, as it was told first. */
  recordRun(run: RunRow): void
}

/** One attempt to change one object through the API. It holds names of fields and never a value. */
export interface MutationRow {
  readonly atMs: number
  /** '' = nobody that orc knows. */
  readonly user: string
  readonly verb: string
  readonly kind: string
  readonly subresource?: string
  readonly namespace: string
  /** '' when the request named none, or was refused before that was known. */
  readonly name: string
  readonly fromVersion?: string
  readonly toVersion?: string
  readonly fromGeneration?: number
  readonly toGeneration?: number
  /** Of the fields that differ, or that were refused: `spec.replicas`. */
  readonly changed: readonly string[]
  /** HTTP status. */
  readonly code: number
  /** Of a refusal: `Invalid`, `Forbidden` and so on. */
  readonly reason?: string
}

export interface MutationLog {
  recordMutation(mutation: MutationRow): void
}

/** A service at one moment, or since the moment before where the name says so. */
export interface ServiceSample {
  readonly namespace: string
  readonly service: string
  readonly uid: string
  /** 0 while nothing of it is to run: it is neither up nor down then. */
  readonly wantedReplicas: number
  readonly readyReplicas: number
  /** Since the sample before. */
  readonly restarts: number
  /** Of all its replicas together; absent while it is not known. */
  readonly usage?: { readonly cpuCores: number; readonly memoryBytes: number; readonly processes: number }
  /** Of the readiness and liveness probes that passed since the sample before; absent when there were none. */
  readonly answers?: AnswerTimes
}

export interface AnswerTimes {
  readonly count: number
  readonly totalMs: number
  readonly longestMs: number
}

export interface SampleLog {
  /** All services at one moment, every 10 s. */
  recordSamples(atMs: number, samples: readonly ServiceSample[]): void
}

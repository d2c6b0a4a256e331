/** What orc remembers of services: how they stood, what they used, and how their runs ended. Nobody declares these. */
import type { ObjectMeta } from './generated/index.ts'
import type { Reason } from './reasons.ts'

/** One service over time, by `.../agentservices/NAME/samples`. */
export interface ServiceSamples {
  readonly apiVersion: 'orc.dev/v1alpha1'
  readonly kind: 'ServiceSamples'
  readonly metadata: ObjectMeta
  /** RFC 3339; what was asked for. */
  readonly since: string
  readonly until: string
  /** What was asked for, or more: as fine as samples are kept, and at most 2,000 points. */
  readonly stepSeconds: number
  /** In the order of time; none where orc did not look. */
  readonly points: readonly SamplesPoint[]
}

/** Means over one step, unless the name says otherwise. */
export interface SamplesPoint {
  /** RFC 3339; when the step begins. */
  readonly time: string
  readonly wantedReplicas: number
  readonly readyReplicas: number
  readonly leastReadyReplicas: number
  /** 0 to 1: ready of the wanted replicas; absent when none was wanted. */
  readonly uptimeShare?: number
  /** In the whole step. */
  readonly restarts: number
  /** These are absent while they are not known. */
  readonly cpuCores?: number
  readonly mostCpuCores?: number
  readonly memoryBytes?: number
  readonly mostMemoryBytes?: number
  readonly processes?: number
  readonly mostProcesses?: number
  /** Of readiness and liveness probes that passed; absent when there were none. */
  readonly probeLatencyMs?: number
  readonly longestProbeLatencyMs?: number
}

/** One service of many over time, for bars and small curves. Each list has an item per step; null = nothing is known. */
export interface ServiceOverview {
  readonly apiVersion: 'orc.dev/v1alpha1'
  readonly kind: 'ServiceOverview'
  readonly metadata: ObjectMeta
  /** RFC 3339; when the first step begins. */
  readonly since: string
  readonly stepSeconds: number
  /** 0 to 1, over the whole time; absent when no replica was wanted in it. */
  readonly uptimeShare?: number
  readonly restarts: number
  readonly uptimeShares: readonly (number | null)[]
  readonly cpuCores: readonly (number | null)[]
  readonly memoryBytes: readonly (number | null)[]
}

/** By `.../agentservices/NAME/runs`. */
export interface ServiceRuns {
  readonly apiVersion: 'orc.dev/v1alpha1'
  readonly kind: 'ServiceRuns'
  readonly metadata: ObjectMeta
  /** The latest end first. */
  readonly items: readonly EndedRun[]
}

export interface EndedRun {
  readonly runId: string
  readonly ordinal: number
  readonly run: number
  readonly incarnation: number
  readonly revision: string
  /** As a shell shows it (128 + signal); -1 when nobody saw it. */
  readonly exitCode: number
  readonly signal?: number
  readonly reason: Reason
  /** RFC 3339. */
  readonly startedAt: string
  readonly finishedAt: string
  /** The last lines that it wrote. */
  readonly message?: string
  /** The same for ends of the same kind; absent when it is no failure. */
  readonly fingerprint?: string
}

/** By `.../agentservices/NAME/failures`. */
export interface ServiceFailures {
  readonly apiVersion: 'orc.dev/v1alpha1'
  readonly kind: 'ServiceFailures'
  readonly metadata: ObjectMeta
  readonly since: string
  /** The latest first. */
  readonly items: readonly FailureGroup[]
}

/** Failures that are alike: exit code, signal, reason, and the last line without what differs from time to time. */
export interface FailureGroup {
  readonly fingerprint: string
  readonly count: number
  readonly exitCode: number
  readonly signal?: number
  readonly reason: Reason
  /** RFC 3339. */
  readonly firstSeen: string
  readonly lastSeen: string
  /** Of the latest of them: the last line that says something. */
  readonly line?: string
}

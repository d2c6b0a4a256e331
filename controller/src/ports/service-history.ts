/** How the API asks what is remembered of services. Undefined = the file cannot say, now. */
import type { FailureGroup, SamplesPoint } from '@orc/schemas'
import type { RunRow } from './history.ts'

/** One very service: one of the same name that was deleted is another. */
export interface ServiceIdentity {
  readonly namespace: string
  readonly service: string
  readonly uid: string
}

export interface Span {
  readonly sinceMs: number
  readonly untilMs: number
  /** At least; the answer may be coarser. */
  readonly stepMs?: number
}

export interface SampleSeries {
  readonly stepMs: number
  readonly points: readonly SamplesPoint[]
}

/** A service and, for each step, what is known of it; null = nothing. */
export interface OverviewRow extends ServiceIdentity {
  readonly uptimeShare: number | null
  readonly restarts: number
  readonly uptimeShares: readonly (number | null)[]
  readonly cpuCores: readonly (number | null)[]
  readonly memoryBytes: readonly (number | null)[]
}

export interface Overview {
  /** When the first step begins. */
  readonly sinceMs: number
  readonly stepMs: number
  /** Sorted by namespace and name; the latest first of one name. */
  readonly rows: readonly OverviewRow[]
}

export interface RememberedRun extends RunRow {
  /** '' = it is no failure. */
  readonly fingerprint: string
}

export interface ServiceHistory {
  /** At most 2,000 points. */
  samples(service: ServiceIdentity, span: Span): Promise<SampleSeries | undefined>
  /** Of all services, or those of a namespace; in steps of an hour or more. */
  overview(namespace: string | undefined, span: Span): Promise<Overview | undefined>
  /** That ended since then, the latest first. */
  runs(service: ServiceIdentity, sinceMs: number, limit: number): Promise<readonly RememberedRun[] | undefined>
  /** Failures since then, those that are alike together; the latest first. */
  failures(service: ServiceIdentity, sinceMs: number): Promise<readonly FailureGroup[] | undefined>
}

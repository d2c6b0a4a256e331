/** When may a replica whose last run ended run again? History and time in, decision out. */
import type { AcceptedBackoff, AcceptedSpec, Reason } from '@orc/schemas'
import type { ObservedRun, RunEnd, RunRecord } from '../runtime/runtime.ts'

export type RestartDecision =
  | { readonly type: 'Run'; readonly incarnation: number; readonly restartCount: number; readonly failures: number }
  | { readonly type: 'WaitUntil'; readonly atMs: number; readonly failures: number }
  | { readonly type: 'StayDown'; readonly reason: 'Completed' | 'Failed' }

export interface Template {
  readonly revision: string
  readonly restartedAt: string
  /** Fingerprint of the referenced content; absent where a change of it does not matter. */
  readonly configRevision?: string | undefined
}

/** Ends that somebody asked for: what comes next is a new incarnation with a clean record. */
const ASKED_FOR: ReadonlySet<Reason> = new Set([
  'SpecChanged',
  'RestartRequested',
  'ConfigChanged',
  'DependencyRestarted',
  'PodDeleted',
  'ScaledDown',
  'Stopped',
  'ServiceDeleted',
  'ControllerShutdown',
])

/** orc ended the process for a fault of its own, whatever it answers to the signal. */
const FAILURES: ReadonlySet<Reason> = new Set([
  'LivenessProbeFailed',
  'StartupProbeFailed',
  'MemoryLimitExceeded',
  'CPULimitExceeded',
  'PostStartFailed',
])

/** `deleted` = the latest incarnation that somebody deleted, 0 when there is none. */
export function decideRestart(
  last: ObservedRun | undefined,
  template: Template,
  spec: AcceptedSpec,
  nowMs: number,
  deleted: number,
): RestartDecision {
  if (last?.end === undefined) return { type: 'Run', incarnation: deleted + 1, restartCount: 0, failures: 0 }
  const { record, end } = last
  if (record.incarnation <= deleted || !isSameTemplate(record, template) || ASKED_FOR.has(end.reason))
    return { type: 'Run', incarnation: Math.max(record.incarnation, deleted) + 1, restartCount: 0, failures: 0 }
  if (end.reason === 'Cancelled')
    return {
      type: 'Run',
      incarnation: record.incarnation,
      restartCount: record.restartCount,
      failures: record.failures,
    }
  if (!mayRestart(spec.restartPolicy, end))
    return { type: 'StayDown', reason: end.exitCode === 0 ? 'Completed' : 'Failed' }
  const failures = failuresAfter(record.failures, end, spec.backoff)
  const atMs = end.finishedAtMs + backoffMs(spec.backoff, failures, record.runId)
  if (nowMs < atMs) return { type: 'WaitUntil', atMs, failures }
  return { type: 'Run', incarnation: record.incarnation, restartCount: record.restartCount + 1, failures }
}

export function isSameTemplate(a: Template, b: Template): boolean {
  return a.revision === b.revision && a.restartedAt === b.restartedAt && isSameConfig(a, b)
}

/** A run of which it was not recorded is left alone. */
export function isSameConfig(a: Template, b: Template): boolean {
  return a.configRevision === undefined || b.configRevision === undefined || a.configRevision === b.configRevision
}

/** Whether a live run is to be replaced, by one of another template or for a dependency that began anew. */
export function isOutdated(record: RunRecord, template: Template & { readonly notBeforeMs?: number }): boolean {
  return !isSameTemplate(record, template) || isOutlived(record, template)
}

/** What ended is not done again for a dependency: this is about live runs only. */
function isOutlived(
  { orderedAtMs }: RunRecord,
  { notBeforeMs = -Infinity }: { readonly notBeforeMs?: number },
): boolean {
  return orderedAtMs < notBeforeMs
}

export function mayRestart(policy: AcceptedSpec['restartPolicy'], end: RunEnd): boolean {
  if (policy === 'Always') return true
  return policy === 'OnFailure' && (end.exitCode !== 0 || FAILURES.has(end.reason))
}

/** Old failures are forgiven: a process that ran well for long is not in a crash loop. A reboot is nobody's failure. */
function failuresAfter(before: number, end: RunEnd, backoff: AcceptedBackoff): number {
  if (end.reason === 'HostReboot') return 0
  return end.lifetimeMs >= backoff.resetAfterSeconds * 1000 ? 1 : before + 1
}

/** Wait before the restart after `failures` ends in a row, ms. The first is free; then it grows up to the cap. */
export function backoffMs(backoff: AcceptedBackoff, failures: number, runId: string): number {
  if (failures <= 1) return 0
  const seconds = Math.min(backoff.initialSeconds * backoff.factor ** Math.min(failures - 2, 60), backoff.maxSeconds)
  return Math.round(seconds * 1000 * (1 + (backoff.jitterPercent / 100) * fraction(runId)))
}

/** The same number in [0, 1) for the same text (FNV-1a): jitter that needs no dice. */
function fraction(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash / 2 ** 32
}

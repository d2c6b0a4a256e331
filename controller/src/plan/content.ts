/** What a run that lives on is to be handed when content that its spec mentions changes: first its files, then a signal. */
import type { ObservedRun } from '../runtime/runtime.ts'
import type { AcceptedService, Action } from './world.ts'

/** A run of another revision is about to be replaced, and keeps what it has. */
export function followContent({ content, revision, spec }: AcceptedService, run: ObservedRun): readonly Action[] {
  if (content === undefined || run.phase !== 'Running' || run.record.revision !== revision) return []
  const { ref, projected } = run
  if (projected !== undefined && projected !== content) return [{ type: 'Project', run: ref }]
  const known = knownContent(run)
  if (spec.reload.mode !== 'Signal' || known === undefined || known === content) return []
  return [{ type: 'Signal', run: ref, signal: spec.reload.signal, configRevision: content }]
}

/** Fingerprint of the content that the process has read for all we know; undefined where it was not recorded. */
export function knownContent({ told, record }: Pick<ObservedRun, 'told' | 'record'>): string | undefined {
  return told ?? record.configRevision
}

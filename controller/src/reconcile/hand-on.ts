/** Carries out what the planner wants a live run to be handed: its files, and the signal that tells of them. */
import type { AcceptedSpec } from '@orc/schemas'
import type { Action } from '../plan/world.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { ConfigRevisions } from './config-revision.ts'
import { resolveFiles } from './files.ts'
import type { Lookup } from './environment.ts'

export interface HandOnContext {
  readonly runtime: Pick<Runtime, 'project' | 'signal'>
  readonly configs: ConfigRevisions
  readonly cache: Lookup
  readonly spec: AcceptedSpec | undefined
}

/** True when there may be more to do now. */
export async function handOn(
  action: Extract<Action, { type: 'Project' | 'Signal' }>,
  { runtime, configs, cache, spec }: HandOnContext,
): Promise<boolean> {
  if (action.type === 'Signal') return runtime.signal(action.run, action.signal, action.configRevision)
  if (spec === undefined) return false
  const { namespace } = action.run
  // The newest there is: both are read in one turn, so that the fingerprint is that of the files.
  const configRevision = configs.of(spec, namespace)
  const found = resolveFiles(spec, namespace, cache)
  if (found.ok) await runtime.project(action.run, { configRevision, files: found.files })
  return found.ok
}

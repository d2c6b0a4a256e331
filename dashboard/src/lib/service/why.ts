/** Why a service is as it is: what failed how often since which change, and who waits for it. Pure. */
import type { EndedRun } from '@orc/schemas'
import type { ServiceView } from '#lib/service-view.ts'
import type { Neighbour } from './neighbours.ts'
import { sayChanges, type RevisionView } from './revisions.ts'

/** How many of the latest runs are looked at. */
export const MOST_RUNS = 200

export interface WhyWorld {
  readonly view: ServiceView
  readonly runs: readonly EndedRun[] | undefined
  readonly revisions: readonly RevisionView[]
  readonly neededBy: readonly Neighbour[]
}

/** Sentences of evidence, the strongest first; none where nothing more is known. */
export function evidenceOf({ view, runs = [], revisions, neededBy }: WhyWorld): string[] {
  const sentences: string[] = []
  const current = revisions.find(({ revision }) => revision.orc.state === 'InForce')
  const failed = runs.filter(
    ({ fingerprint, revision }) => fingerprint !== undefined && revision === current?.revision.orc.revision,
  )
  if (view.presentation.role === 'bad' && current !== undefined && failed.length > 1) {
    const changed =
      current.changes === undefined || current.changes.length === 0 ? '' : ` (${sayChanges(current.changes)})`
    sentences.push(
      `It failed ${failed.length === MOST_RUNS ? 'at least ' : ''}${String(failed.length)} times with revision ${String(current.number)}${changed}.`,
    )
  }
  const waiting = neededBy.filter(({ view: dependent }) => dependent?.reason === 'DependencyNotReady')
  if (waiting.length > 0)
    sentences.push(
      `${listOf(waiting.map(({ name }) => name))} ${waiting.length === 1 ? 'waits' : 'wait'} for this service.`,
    )
  return sentences
}

/** When the process ended last that failed: where its log says most. */
export function lastFailureMs(runs: readonly EndedRun[] | undefined): number | undefined {
  const times = (runs ?? []).flatMap(({ fingerprint, finishedAt }) =>
    fingerprint === undefined ? [] : Date.parse(finishedAt),
  )
  return times.length === 0 ? undefined : Math.max(...times)
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** What happened to the content that runs are handed: a process was told of it by a signal, or does not want to hear. */
import type { ObservedRun } from '../runtime/runtime.ts'
import type { Happening, Pass, ReplicaRef } from './happening.ts'
import { reloadedSentence, unhandledSentence } from './messages.ts'

/** How far a run has been told of. */
export interface ContentTold {
  readonly content: string | undefined
  readonly isDeaf: boolean
}

/** A process that has just begun may not have come to it yet. */
const DEAF_AFTER_MS = 10_000

export function contentTold({ told, isDeaf, record }: ObservedRun, { world }: Pass): ContentTold {
  return { content: told, isDeaf: isDeaf === true && world.nowMs - record.orderedAtMs > DEAF_AFTER_MS }
}

export function happeningsOfContent(
  replica: ReplicaRef,
  known: ContentTold,
  now: ContentTold,
  { world }: Pass,
): readonly Happening[] {
  const signal = world.accepted?.spec.reload.signal ?? 'SIGHUP'
  if (now.content !== undefined && now.content !== known.content)
    return [{ replica, type: 'Normal', reason: 'ConfigReloaded', message: reloadedSentence(signal) }]
  if (!now.isDeaf || known.isDeaf) return []
  return [{ replica, type: 'Warning', reason: 'ReloadNotHandled', message: unhandledSentence(signal) }]
}

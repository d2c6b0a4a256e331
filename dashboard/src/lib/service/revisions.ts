/** Revisions of a service and what each changed: which fields, from what to what. Pure. */
import type { ControllerRevision } from '@orc/schemas'

export interface FieldChange {
  /** `resources.limits.memory`. */
  readonly path: string
  /** As it is written; undefined where it was absent. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Leaves that differ; a list is one leaf, for its items have no names. */
export function changedFields(before: unknown, after: unknown, path = ''): FieldChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => changedFields(before[key], after[key], path === '' ? key : `${path}.${key}`))
  }
  const [was, is] = [textOf(before), textOf(after)]
  return was === is ? [] : [{ path, before: was, after: is }]
}

export interface RevisionView {
  readonly revision: ControllerRevision
  readonly number: number
  /** The first letters of the hash. */
  readonly hash: string
  /** Against the one before that is still remembered; undefined where there is none. */
  readonly changes: readonly FieldChange[] | undefined
}

/** Newest first. */
export function revisionViews(revisions: readonly ControllerRevision[]): RevisionView[] {
  const sorted = revisions.toSorted((a, b) => a.revision - b.revision)
  return sorted
    .map((revision, index) => {
      const before = sorted[index - 1]
      return {
        revision,
        number: revision.revision,
        hash: shortHash(revision.orc.revision),
        changes: before && changedFields(before.data.spec, revision.data.spec),
      }
    })
    .reverse()
}

export function shortHash(hash: string): string {
  return hash.slice(0, 7)
}

/** "resources.limits.memory 1Gi to 768Mi"; what is long is only named. */
export function sayChanges(changes: readonly FieldChange[]): string {
  const said = changes.map(({ path, before, after }) => {
    if (before === undefined) return `${path} added`
    if (after === undefined) return `${path} removed`
    return before.length + after.length <= 40 ? `${path} ${before} to ${after}` : `${path} changed`
  })
  return said.length <= 3 ? said.join(', ') : `${said.slice(0, 2).join(', ')} and ${String(said.length - 2)} more`
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

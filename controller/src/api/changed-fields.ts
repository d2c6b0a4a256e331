/** Which fields of an object differ: their names, and never what they hold. */
import { fieldName, type KubeObject } from '@orc/schemas'

const MOST_FIELDS = 50
const LONGEST_NAME = 200

type Fields = KubeObject & { readonly status?: unknown }
type Path = readonly (string | number)[]

/** Without what the server sets. `before` is absent for a new object. */
export function changedFields(before: KubeObject | undefined, after: KubeObject): string[] {
  const found: string[] = []
  walk([], { before: wanted(before), after: wanted(after) }, found)
  return found.slice(0, MOST_FIELDS).map((name) => name.slice(0, LONGEST_NAME))
}

function walk(path: Path, { before, after }: { before: unknown; after: unknown }, found: string[]): void {
  if (Object.is(before, after) || found.length >= MOST_FIELDS) return
  const isList = Array.isArray(before) && Array.isArray(after) && before.length === after.length
  if (!isList && (!isPart(before) || !isPart(after) || (before === undefined && after === undefined))) {
    found.push(fieldName(path))
    return
  }
  const [a, b] = [(before ?? {}) as Record<string, unknown>, (after ?? {}) as Record<string, unknown>]
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
    walk([...path, isList ? Number(key) : key], { before: a[key], after: b[key] }, found)
}

/** What has fields of its own. An object that is missing is one whose fields all are. */
function isPart(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))
}

function wanted(object: KubeObject | undefined): unknown {
  if (object === undefined) return {}
  const { apiVersion: _apiVersion, kind: _kind, status: _status, ...rest } = object as Fields
  const { labels, annotations, finalizers, ownerReferences } = object.metadata
  return { ...rest, metadata: { labels, annotations, finalizers, ownerReferences } }
}

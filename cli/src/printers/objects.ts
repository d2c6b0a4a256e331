/** Objects as JSON or as names. Pure. */
import type { KubeObject } from '@orc/schemas'
import { referenceTo } from '../selection.ts'
import { escapeControls, plain } from './plain.ts'

/** One object as it is, several as a List; without the bookkeeping of field managers, as kubectl does. */
export function asDocument(objects: readonly KubeObject[], isSingle: boolean): unknown {
  const [only] = objects
  if (isSingle && only !== undefined) return withoutManagedFields(only)
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: objects.map(withoutManagedFields) }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

export function toJson(value: unknown): string {
  return `${escapeControls(JSON.stringify(value, null, 4))}\n`
}

export function toNames(objects: readonly KubeObject[]): string {
  return objects.map(({ kind, metadata }) => `${plain(referenceTo(kind, metadata.name))}\n`).join('')
}

/** Objects as rows of cells (meta.k8s.io/v1 Table): what `kubectl get` prints. */
import type { KubeObject } from '@orc/schemas'
import type { Column, Resource } from '../resources/resource.ts'
import type { IncludeObject } from './negotiate.ts'

export interface TableOptions {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly includeObject: IncludeObject
  /** For ages. */
  readonly wallMs: number
  /** A watch says them once. */
  readonly hasColumns?: boolean
}

export function tableOf({ columns }: Resource, objects: readonly KubeObject[], options: TableOptions): unknown {
  const { metadata, includeObject, wallMs, hasColumns = true } = options
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: hasColumns ? columns.map(definitionOf) : null,
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, wallMs)),
      object: shownObject(object, includeObject),
    })),
  }
}

function definitionOf({ name, type, format, description, priority = 0 }: Column): unknown {
  return { name, type, format: format ?? '', description, priority }
}

function shownObject(object: KubeObject, includeObject: IncludeObject): unknown {
  if (includeObject === 'None') return null
  if (includeObject === 'Object') return object
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}

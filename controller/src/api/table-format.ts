/** Objects as rows of cells (meta.k8s.io/v1 Table): what `kubectl get` prints. */
import type { KubeObject } from '@orc/schemas'
import type { Column, Resource } from '../resources/resource.ts'
import { jsonText, withList } from './json-text.ts'
import type { IncludeObject } from './negotiate.ts'

export interface TableOptions {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly includeObject: IncludeObject
  /** For ages. */
  readonly wallMs: number
  /** A watch says them once. */
  readonly hasColumns?: boolean
}

/** As JSON, in pieces. */
export function tableText({ columns }: Resource, objects: readonly KubeObject[], options: TableOptions): string[] {
  const { metadata, includeObject, wallMs, hasColumns = true } = options
  const head = {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: hasColumns ? columns.map(definitionOf) : null,
  }
  const rows = objects.map((object) => {
    const cells = JSON.stringify(columns.map((column) => column.cell(object, wallMs)))
    return `{"cells":${cells},"object":${shownText(object, includeObject)}}`
  })
  return withList(head, 'rows', rows)
}

function definitionOf({ name, type, format, description, priority = 0 }: Column): unknown {
  return { name, type, format: format ?? '', description, priority }
}

function shownText(object: KubeObject, includeObject: IncludeObject): string {
  if (includeObject === 'None') return 'null'
  if (includeObject === 'Object') return jsonText(object)
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${jsonText(object.metadata)}}`
}

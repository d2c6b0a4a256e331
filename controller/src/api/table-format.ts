/** Objects as rows of cells (meta.k8s.io/v1 Table): what `kubectl get` prints. */
import type { KubeObject } from '@orc/schemas'
import type { Cell, Column, Resource } from '../resources/resource.ts'
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
    const cells = columns.map((column) => column.cell(object, wallMs))
    return rowText(object, cells, includeObject)
  })
  return withList(head, 'rows', rows)
}

interface Row {
  readonly cells: readonly Cell[]
  readonly includeObject: IncludeObject
  readonly text: string
}

/** The latest of each object of the cache: most cells are the same the next time, and ages nearly always. */
const latest = new WeakMap<KubeObject, Row>()

function rowText(object: KubeObject, cells: readonly Cell[], includeObject: IncludeObject): string {
  const known = latest.get(object)
  if (known?.includeObject === includeObject && cells.every((cell, at) => cell === known.cells[at])) return known.text
  const text = `{"cells":${JSON.stringify(cells)},"object":${shownText(object, includeObject)}}`
  if (Object.isFrozen(object)) latest.set(object, { cells, includeObject, text })
  return text
}

function definitionOf({ name, type, format, description, priority = 0 }: Column): unknown {
  return { name, type, format: format ?? '', description, priority }
}

function shownText(object: KubeObject, includeObject: IncludeObject): string {
  if (includeObject === 'None') return 'null'
  if (includeObject === 'Object') return jsonText(object)
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${jsonText(object.metadata)}}`
}

/** Objects of one kind as a table, all at once or as they change. */
import type { KubeObject, ResourceName } from '@orc/schemas'
import { referenceOf } from '../selection.ts'
import { joined, type RowOptions } from './kind-printer.ts'
import { printerOf } from './kinds.ts'
import { columnWidths, formatTable, type Row } from './table.ts'

export interface ObjectTableOptions extends RowOptions {
  readonly resource: ResourceName
  readonly withNamespace: boolean
  /** Names as `pod/web-0`: where tables of several kinds follow each other. */
  readonly withKind: boolean
  readonly raw: boolean
  readonly withHead: boolean
  /** A last column with all labels. */
  readonly withLabels: boolean
}

/** Keeps its column widths, so that rows that come later stay in line. The head comes with the first rows. */
export class ObjectTable {
  #widths: readonly number[] = []
  #hasHead = false

  format(items: readonly KubeObject[], options: ObjectTableOptions): string {
    const head = this.#hasHead || !options.withHead ? [] : [headOf(options)]
    const rows = [...head, ...items.map((item) => rowOf(item, options))]
    this.#hasHead = true
    this.#widths = columnWidths(rows, this.#widths)
    return formatTable(rows, { widths: this.#widths, raw: options.raw })
  }
}

function headOf({ resource, withNamespace, withLabels, wide }: ObjectTableOptions): Row {
  const columns = [...printerOf(resource.kind).columns(wide), ...(withLabels ? ['LABELS'] : [])]
  return withNamespace && resource.namespaced ? ['NAMESPACE', ...columns] : columns
}

function rowOf(item: KubeObject, options: ObjectTableOptions): Row {
  const { resource, withNamespace, withKind, withLabels } = options
  const own = printerOf(resource.kind).row(item, options)
  const [first = '', ...rest] = withLabels ? [...own, labelsOf(item)] : own
  const name = withKind && typeof first === 'string' ? referenceOf(resource, first) : first
  return withNamespace && resource.namespaced ? [item.metadata.namespace ?? '', name, ...rest] : [name, ...rest]
}

function labelsOf({ metadata }: KubeObject): string {
  return joined(Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`))
}

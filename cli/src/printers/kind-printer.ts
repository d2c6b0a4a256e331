/** What the table of one kind looks like. Pure: the clock and everything that is joined in come as arguments. */
import type { KubeObject, Pod } from '@orc/schemas'
import type { Colors } from './colors.ts'
import type { Row } from './table.ts'

export interface RowOptions {
  readonly nowMs: number
  readonly wide: boolean
  readonly colors: Colors
  /** All pods of the namespaces shown; only read for wide rows of services. */
  readonly pods: readonly Pod[]
}

export interface KindPrinter<T extends KubeObject> {
  columns(wide: boolean): readonly string[]
  row(object: T, options: RowOptions): Row
}

export const NONE = '<none>'

/** Items in one cell, or `<none>`. */
export function joined(items: readonly (string | number)[]): string {
  return items.length === 0 ? NONE : items.join(',')
}

/** A table whose columns are chosen on the command line: `NAME:.metadata.name,PID:.status.orc.pid`. */
import type { KubeObject } from '@orc/schemas'
import { UsageError } from 'clipanion'
import { formatValue, parseRelaxedPath, valuesAt, type Path } from '../jsonpath/index.ts'
import { joined } from '../printers/kind-printer.ts'
import { columnWidths, formatTable } from '../printers/table.ts'

interface Column {
  readonly head: string
  readonly path: Path
}

/** Keeps its column widths, as other tables do. The head comes with the first rows. */
export class CustomColumns {
  readonly #columns: readonly Column[]
  #withHead: boolean
  #widths: readonly number[] = []

  constructor(text: string, withHead: boolean) {
    this.#columns = splitColumns(text).map(parseColumn)
    this.#withHead = withHead
  }

  format(items: readonly KubeObject[]): string {
    const heads = this.#withHead ? [this.#columns.map(({ head }) => head)] : []
    const rows = [...heads, ...items.map((item) => this.#columns.map(({ path }) => cell(path, item)))]
    this.#withHead = false
    this.#widths = columnWidths(rows, this.#widths)
    return formatTable(rows, { widths: this.#widths })
  }
}

/** Several values stand in one cell, with commas between. */
function cell(path: Path, item: KubeObject): string {
  return joined(valuesAt(path, item).map(formatValue))
}

/** Commas in brackets belong to a path. */
function splitColumns(text: string): readonly string[] {
  return text.match(/(?:\[[^\]]*\]|[^,])+/gu) ?? []
}

function parseColumn(text: string): Column {
  const [, head = '', path = ''] = /^([^:]+):(.+)$/su.exec(text.trim()) ?? []
  if (head === '')
    throw new UsageError(`custom-columns takes NAME:PATH,..., such as NAME:.metadata.name; got ${JSON.stringify(text)}`)
  return { head, path: parseRelaxedPath(path) }
}

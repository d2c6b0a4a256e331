/** `orc --help`: every command in one line, from the table alone. */
import type { CommandEntry } from '../commands.ts'
import type { OrcContext } from '../orc-context.ts'
import { colorsOf } from './colors.ts'
import { columnWidths, formatTable } from './table.ts'

export function formatGeneralHelp(commands: readonly CommandEntry[], context: OrcContext): string {
  const { strong } = colorsOf(context)
  const rows = commands.map(({ name, aliases, summary }) => [[name, ...aliases].join(', '), summary])
  const widths = columnWidths(rows).slice(0, 1)
  const groups = [...new Set(commands.map(({ group }) => group))].map((group) => {
    const own = rows.filter((_, at) => commands[at]?.group === group)
    return `${strong(group)}\n${formatTable(own, { indent: '  ', widths })}`
  })
  return `orc keeps the services that manifests declare running on this host.

${strong('Usage')}
  orc <command> [options]

${groups.join('\n')}
"orc <command> --help" tells more about a command and shows examples.
`
}

/** Differences as a unified diff, made here: with no other program, and with nothing written to disk. Pure. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import type { Colors } from '../printers/colors.ts'
import { plain } from '../printers/plain.ts'
import type { Compared } from './comparable.ts'

export function unifiedDiff({ name, live, merged }: Compared, colors: Colors): string {
  if (live === merged) return ''
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY }
  const patch = createTwoFilesPatch(`LIVE/${name}`, `MERGED/${name}`, live, merged, undefined, undefined, options)
  const lines = plain(patch).trimEnd().split('\n')
  return `${lines.map((line) => painted(line, colors)).join('\n')}\n`
}

function painted(line: string, { good, bad, strong, series: [accent] }: Colors): string {
  if (/^(?:---|\+\+\+) /.test(line)) return strong(line)
  if (line.startsWith('@@')) return accent(line)
  if (line.startsWith('+')) return good(line)
  return line.startsWith('-') ? bad(line) : line
}

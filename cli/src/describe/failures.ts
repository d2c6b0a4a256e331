/** How a service has failed lately, as a part of its description: those that are alike in one row. Pure. */
import type { ServiceFailures } from '@orc/schemas'
import { ageOf, formatDuration } from '../printers/age.ts'
import { formatTable, type Row } from '../printers/table.ts'
import type { DescribeOptions } from './service.ts'

const MOST = 10
const HOUR_MS = 3_600_000

/** Empty when there are none. */
export function failureSection(
  { items, since }: Pick<ServiceFailures, 'items' | 'since'>,
  { nowMs, colors, raw }: DescribeOptions,
): string {
  if (items.length === 0) return ''
  const rows = items
    .slice(0, MOST)
    .map(({ count, exitCode, signal, reason, lastSeen, line }): Row => [
      `${String(count)}x`,
      ageOf(lastSeen, nowMs),
      reason,
      signal === undefined ? String(exitCode) : `${String(exitCode)} (signal ${String(signal)})`,
      line ?? '',
    ])
  const rest = items.length > MOST ? [[`(${String(items.length - MOST)} more kinds)`]] : []
  const head = ['COUNT', 'LAST SEEN', 'REASON', 'EXIT CODE', 'LAST LINE']
  // The clocks of server and client are not the same to the ms.
  const spanMs = Math.round((nowMs - Date.parse(since)) / HOUR_MS) * HOUR_MS
  const title = colors.strong(`Failures (${formatDuration(spanMs)})`)
  return `\n${title}\n${formatTable([head, ...rows, ...rest], { indent: '  ', raw })}`
}

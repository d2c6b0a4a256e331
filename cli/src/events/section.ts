/** The last events of an object, as the end of its description. Pure. */
import type { KubeEvent, KubeObject } from '@orc/schemas'
import type { DescribeOptions } from '../describe/service.ts'
import { ageOf, formatDuration } from '../printers/age.ts'
import { formatTable, type Row } from '../printers/table.ts'
import { eventsAbout, inTime, type Choose } from './choose.ts'

const MOST = 10

/** Of a service also those of its replicas. Empty when there are none. */
export function eventSection(object: KubeObject, events: readonly KubeEvent[], options: DescribeOptions): string {
  const last = inTime(events.filter(isAboutObject(object))).slice(-MOST)
  if (last.length === 0) return ''
  const rows = last.map((event) => rowOf(event, options))
  const head = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']
  return `\n${options.colors.strong('Events')}\n${formatTable([head, ...rows], { indent: '  ', raw: options.raw })}`
}

function isAboutObject({ kind, metadata }: KubeObject): Choose {
  const isNamed = eventsAbout(metadata.name)
  switch (kind) {
    case 'AgentService':
      return (event) => event.involvedObject.namespace === metadata.namespace && isNamed(event)
    // It has no uid: it is as old as its file.
    case 'Manifest':
      return ({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === metadata.name
    default:
      return ({ involvedObject }) => involvedObject.uid === metadata.uid
  }
}

function rowOf(event: KubeEvent, { nowMs, colors }: DescribeOptions): Row {
  const { type, reason, message, involvedObject, lastTimestamp, firstTimestamp, count } = event
  const sinceMs = nowMs - Date.parse(firstTimestamp)
  const often = count > 1 ? ` (x${String(count)} over ${formatDuration(sinceMs)})` : ''
  return [
    ageOf(lastTimestamp, nowMs) + often,
    type === 'Warning' ? { text: type, paint: colors.warn } : type,
    reason,
    `${involvedObject.kind.toLowerCase()}/${involvedObject.name}`,
    message,
  ]
}

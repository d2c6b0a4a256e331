/** Tells whether two runs failed in the same way. Pure. */
import { createHash } from 'node:crypto'
import type { Reason } from '@orc/schemas'

export interface Ending {
  readonly exitCode: number
  readonly signal?: number | undefined
  readonly reason: Reason
  readonly lastLines?: string | undefined
}

/** Ends that nobody asked for; `Exited` only with another code than 0. */
const FAILURES: readonly Reason[] = [
  ...(['Exited', 'Killed', 'OOMKilled', 'MemoryLimitExceeded', 'CPULimitExceeded'] as const),
  ...(['LivenessProbeFailed', 'StartupProbeFailed', 'ExitCodeUnknown'] as const),
]
/** Read of a line, and kept of it. */
const LONGEST_LINE = { read: 2000, kept: 200 } as const
/** What stands below a message: frames, closing brackets, and the word of goodbye that Node always says. */
const SAYS_NOTHING = /^(at .*|Node\.js v\d.*|[\s{}()[\];,^~-]*)$/
/** What a terminal takes for colours. */
const COLOURS = /\u001b\[[0-9;]*[A-Za-z]/g

/** What differs from one failure to the next, the more special first. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g, '<time>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  [/(?<![\w/.:<>])(?:\.{0,2}\/)[\w.@+-]+(?:\/[\w.@+-]*)*/g, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<n>'],
  [/\b(?=[a-f]*\d)[0-9a-f]{8,}\b/gi, '<n>'],
  [/\d+(?:\.\d+)?/g, '<n>'],
]

/** '' when it is no failure. */
export function fingerprintOf(ending: Ending): string {
  const { exitCode, signal, reason } = ending
  if (!FAILURES.includes(reason) || (reason === 'Exited' && exitCode === 0)) return ''
  const alike = JSON.stringify([exitCode, signal ?? null, reason, normalize(tellingLine(ending.lastLines))])
  return createHash('sha256').update(alike).digest('hex').slice(0, 16)
}

/** The last line that says something; '' when there is none. */
export function tellingLine(lastLines = ''): string {
  const lines = lastLines
    .replaceAll(COLOURS, '')
    .split('\n')
    .map((line) => line.trim())
  return lines.findLast((line) => !SAYS_NOTHING.test(line)) ?? ''
}

/** Without what differs from time to time; the same line again when it is normal already. */
export function normalize(line: string): string {
  const short = line.slice(0, LONGEST_LINE.read).replaceAll(/\s+/g, ' ').trim()
  const normal = VARIABLE.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), short)
  return normal.slice(0, LONGEST_LINE.kept).trim()
}

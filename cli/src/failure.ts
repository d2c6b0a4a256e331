/** Every sentence about a failure: the user's fault is one line, ours a stack. */
import { ApiError, ConnectionError } from '@orc/sdk/client'
import { plain } from './printers/plain.ts'

/** Something could not be done; the message says what, and what to do about it. Exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

export interface Explanation {
  readonly text: string
  /** The arguments were wrong, not the world. */
  readonly isUsage: boolean
}

export function explain(error: unknown): Explanation {
  if (!(error instanceof Error)) return { text: plain(String(error)), isUsage: false }
  if (isUsageError(error)) return { text: plain(usageSentence(error)), isUsage: true }
  if (error instanceof ApiError) return { text: plain(apiSentence(error)), isUsage: false }
  const isExpected = error instanceof Failure || error instanceof ConnectionError || isSystemError(error)
  return { text: plain(isExpected ? error.message : (error.stack ?? error.message)), isUsage: false }
}

/** clipanion marks all that is wrong with arguments in this way. */
function isUsageError(error: Error): boolean {
  return (error as { clipanion?: { type: string } }).clipanion !== undefined
}

/** Of clipanion's several lines the one that says what is wrong: it knows a single command, so there is but one. */
function usageSentence(error: Error): string {
  const { candidates } = error as { candidates?: readonly { readonly reason: string | null }[] }
  if (candidates === undefined) return error.message
  const reason = (candidates[0]?.reason ?? 'The arguments do not fit together').replace(/\.$/, '')
  return REASONS[reason] ?? reason.charAt(0).toLowerCase() + reason.slice(1)
}

const REASONS: Readonly<Record<string, string>> = { 'Not enough positional arguments': 'an argument is missing' }

function apiSentence(error: ApiError): string {
  const causes = error.status.details?.causes ?? []
  const unsaid = causes.filter(({ message }) => !error.message.includes(message))
  return [error.message, ...unsaid.map(({ field, message }) => `  ${field}: ${message}`)].join('\n')
}

/** From the file system: `ENOENT: no such file or directory, open 'x'` says it all. */
function isSystemError(error: Error): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string'
}

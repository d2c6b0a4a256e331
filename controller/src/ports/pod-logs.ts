/** How the API reads what a process wrote. */

/** Rising. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogRequest {
  readonly namespace: string
  readonly service: string
  readonly ordinal: number
  /** The run before the newest one. */
  readonly previous: boolean
  /** Only the last lines of what is there now; all when absent. */
  readonly tailLines?: number
  /** Only what was written since (wall clock, ms); lines of up to a second before may be among it. All when absent. */
  readonly sinceMs?: number
  /** Only what was written by then; to the second. All when absent; not together with `follow`. */
  readonly untilMs?: number
  /** Only lines with this in them, letter by letter. Of the lines that the bounds above leave, like those below. */
  readonly grep?: string
  /** Only lines that are JSON objects with a `level`, `severity` or `levelname` of this gravity or more. */
  readonly level?: LogLevel
  /** Each line begins with the time by which it had been written (RFC 3339) and a space; to the second. */
  readonly timestamps: boolean
  /** Ends after so many bytes, times included; none when absent. */
  readonly limitBytes?: number
  /** Go on with what comes, across restarts of the process, until the signal is aborted. */
  readonly follow: boolean
}

export interface PodLogs {
  /** Undefined when there is no such run. Pieces are bytes as written; a piece may end inside a line or a character. */
  open(request: LogRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>
}

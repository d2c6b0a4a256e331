/** How the oldest bytes of a log leave its live file while somebody appends to it. */
import type { FileHandle } from 'node:fs/promises'
import type { LogParts } from './log-parts.ts'

export interface Growing {
  readonly logPath: string
  readonly parts: LogParts
  /** Offset of the end at the last look. */
  readonly end: number
}

export interface Move {
  /** About up to here; a cut is made between lines where they are short enough. */
  readonly end: number
  /** Into an archive, at once to nothing, or to nothing and counted as dropped. */
  readonly to: 'Archive' | 'Nothing' | 'Dropped'
}

/**
 * No byte is lost but those that are moved to nothing, and none is read twice, whenever this process is killed: see
 * log-parts.ts. One call at a time for one log.
 */
export interface Mover {
  /** Returns the parts as they are then, which are on disk; unchanged when it cannot be done now. */
  move(log: Growing, move: Move): Promise<LogParts>

  /** Gives back to the disk what the live file holds of bytes before `from`. Idempotent. */
  free(logPath: string, parts: LogParts): Promise<void>
}

const COPY_BYTES = 1024 * 1024

/** Positions in the two files; the copy is added at the end. */
export async function copyRange(
  source: FileHandle,
  target: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, end - start))
  for (let at = start; at < end;) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, end - at), at)
    if (bytesRead === 0) throw new Error('the log is shorter than it was')
    for (let written = 0; written < bytesRead;)
      written += (await target.write(buffer, written, bytesRead - written)).bytesWritten
    at += bytesRead
  }
}

export function afterMove(parts: LogParts, from: number, to: Move['to']): LogParts {
  return { ...parts, from, dropped: parts.dropped + (to === 'Dropped' ? from - parts.from : 0) }
}

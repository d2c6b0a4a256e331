/**
 * `log.idx`: when what was written. Entries of 16 bytes, two little-endian doubles: the size of the log and the time of
 * its last write (ms since the epoch). What stands before an entry's offset, and behind that of the entry before, was
 * written between the two times. The times are those of the file system, so a gap of the controller costs precision,
 * never truth.
 */
import { appendFileSync, readFileSync } from 'node:fs'

export interface LogEntry {
  /** Bytes. */
  readonly offset: number
  /** Wall clock, ms. */
  readonly writtenMs: number
}

const ENTRY_BYTES = 16

/** Adds an entry if the log reaches beyond `last`; returns the newest entry. */
export function noteGrowth(logPath: string, last: LogEntry | undefined, entry: LogEntry): LogEntry | undefined {
  if (entry.offset <= (last?.offset ?? 0)) return last
  const bytes = Buffer.alloc(ENTRY_BYTES)
  bytes.writeDoubleLE(entry.offset, 0)
  bytes.writeDoubleLE(entry.writtenMs, 8)
  appendFileSync(indexPath(logPath), bytes, { mode: 0o600 })
  return entry
}

export class LogIndex {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** A log without an index has one without entries: all of it was written by the time of its last write. */
  static read(logPath: string): LogIndex {
    try {
      return new LogIndex(readFileSync(indexPath(logPath)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return new LogIndex(Buffer.alloc(0))
    }
  }

  /** A half-written entry at the end does not count. */
  get length(): number {
    return Math.floor(this.#bytes.length / ENTRY_BYTES)
  }

  at(index: number): LogEntry | undefined {
    if (index < 0 || index >= this.length) return undefined
    const start = index * ENTRY_BYTES
    return { offset: this.#bytes.readDoubleLE(start), writtenMs: this.#bytes.readDoubleLE(start + 8) }
  }

  get last(): LogEntry | undefined {
    return this.at(this.length - 1)
  }

  /** When the byte at `offset` had been written; undefined when it is younger than the index. */
  timeOf(offset: number): number | undefined {
    return this.at(this.#first((entry) => entry.offset > offset))?.writtenMs
  }

  /** Everything before this offset was written before `sinceMs`. */
  offsetSince(sinceMs: number): number {
    return this.at(this.#first((entry) => entry.writtenMs >= sinceMs) - 1)?.offset ?? 0
  }

  /** Everything behind this offset was written after `untilMs`. */
  offsetUntil(untilMs: number): number {
    return this.at(this.#first((entry) => entry.writtenMs > untilMs) - 1)?.offset ?? 0
  }

  /** Offsets and times rise, so that halving finds the first entry that fits; `length` when none does. */
  #first(fits: (entry: LogEntry) => boolean): number {
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const entry = this.at(middle)
      if (entry !== undefined && fits(entry)) high = middle
      else low = middle + 1
    }
    return low
  }
}

function indexPath(logPath: string): string {
  return `${logPath}.idx`
}

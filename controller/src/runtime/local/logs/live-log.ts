/** The log of a run that may grow: how long it is, when it was written, and what of it is still live. */
import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { LogLimits } from '../../runtime.ts'
import { LogIndex, noteGrowth, type LogEntry } from './log-index.ts'
import { archivePath, listArchives, readParts, writeParts, type LogParts } from './log-parts.ts'
import type { Mover } from './mover.ts'

const FIRST_AID = 1024 * 1024

export class LiveLog {
  readonly #logPath: string
  #parts: LogParts
  #end: number
  #writtenMs = 0
  #newest: LogEntry | undefined
  /** `from` when the live file was freed last. */
  #freed: number | undefined

  constructor(logPath: string) {
    this.#logPath = logPath
    const size = statSync(logPath, { throwIfNoEntry: false })?.size ?? 0
    this.#parts = readParts(logPath, Infinity)
    this.#settle(size)
    this.#end = this.#parts.base + size
    this.#newest = LogIndex.read(logPath).last
    if (this.#parts.from === this.#parts.base) this.#freed = this.#parts.from
  }

  /** Bytes that came too fast to be kept. */
  get dropped(): number {
    return this.#parts.dropped
  }

  /** Bytes of the live part at the last look. */
  get length(): number {
    return this.#end - this.#parts.from
  }

  /** An earlier controller may have been killed before it gave the space back. */
  get isFreed(): boolean {
    return this.#freed === this.#parts.from
  }

  /** Of the live file, holes included; bytes. */
  get fileSize(): number {
    return this.#end - this.#parts.base
  }

  /** Looks how long it is; returns by how much it grew. */
  look(): number {
    const found = statSync(this.#logPath, { throwIfNoEntry: false })
    if (found === undefined) return 0
    this.#settle(found.size)
    const before = this.#end
    this.#end = this.#parts.base + found.size
    this.#writtenMs = found.mtimeMs
    return this.#end - before
  }

  /** Adds what the last look saw to `log.idx`. */
  noteTime(): void {
    this.#newest = noteGrowth(this.#logPath, this.#newest, { offset: this.#end, writtenMs: this.#writtenMs })
  }

  /** Archives the oldest bytes, in pieces of `maxFileSize`, until no more than that is live. */
  async rotate({ maxFileSize, maxFiles }: LogLimits, mover: Mover): Promise<void> {
    const to = maxFiles > 1 ? 'Archive' : 'Nothing'
    while (this.length > maxFileSize) {
      const { from } = this.#parts
      this.#parts = await mover.move(this.#growing(), { end: from + maxFileSize, to })
      await this.free(mover)
      await this.#keepNewest(maxFiles - 1)
      if (this.#parts.from === from) return
    }
  }

  /** Throws the oldest bytes away, so that about `keep` bytes are left, and counts them. */
  async drop(keep: number, mover: Mover): Promise<void> {
    const move = { end: this.#end - keep, to: 'Dropped' } as const
    const { from } = this.#parts
    try {
      this.#parts = await mover.move(this.#growing(), move)
    } catch (error) {
      if (!isDiskFull(error)) throw error
      // Not even the word about it fits: that much room is made before it is said.
      await mover.free(this.#logPath, { ...this.#parts, from: Math.min(move.end, from + FIRST_AID) })
      this.#parts = await mover.move(this.#growing(), move)
    }
    await this.free(mover)
  }

  /** What an earlier controller did not finish. */
  async tidy(mover: () => Promise<Mover>): Promise<void> {
    await rm(`${archivePath(this.#logPath, this.#parts.from)}.tmp`, { force: true })
    if (!this.isFreed) await this.free(await mover())
  }

  async free(mover: Mover): Promise<void> {
    if (this.isFreed) return
    await mover.free(this.#logPath, this.#parts)
    this.#freed = this.#parts.from
  }

  /** A program may empty its own log, an earlier controller may have done: what comes is behind what was moved. */
  #settle(size: number): void {
    if (this.#parts.base + size >= this.#parts.from) return
    this.#parts = { ...this.#parts, base: this.#parts.from }
    writeParts(this.#logPath, this.#parts)
  }

  #growing(): Parameters<Mover['move']>[0] {
    return { logPath: this.#logPath, parts: this.#parts, end: this.#end }
  }

  async #keepNewest(count: number): Promise<void> {
    const archives = await listArchives(this.#logPath)
    const surplus = archives.slice(0, Math.max(0, archives.length - count))
    await Promise.all(surplus.map(({ path }) => rm(path, { force: true })))
  }
}

export function isDiskFull(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOSPC'
}
